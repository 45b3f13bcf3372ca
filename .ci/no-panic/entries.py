#!/usr/bin/env python3
"""One entry for every public function that the documentation of a crate (rustdoc's JSON) lists.

usage: entries.py CRATE.json ... > entries.rs

Arguments are values of which the optimizer knows nothing but the type, results are looked at. Generic parameters stand for the types
in GENERICS. Derived traits are left out: they compare and copy fields.
"""
import json
import re
import sys

RECEIVER = {"C": "frame_sync::rs::RsDecoder", "W": "&'static mut [u8]", "B": "&'static mut [u8]"}
# What generic parameters stand for, by the type or function that has them; "" for all others.
GENERICS = {
    "": {"N": "3", "B": "&'static mut [u8]", "C": "frame_sync::rs::RsDecoder", "T": "u8"},
    "Receiver": {**RECEIVER, "W": "&'static mut [u8]"},
    "ArrayReceiver": {"C": "frame_sync::rs::RsDecoder", "W": "1042", "B": "255"},
    "SliceJoiner": {"W": "&'static mut [u8]", "B": "&'static mut [u8]"},
    "ArraySliceJoiner": {"W": "1042", "B": "255"},
    "SeveralSynchronizer": {"C": "[frame_sync::sync::SyncConfig; 2]"},
    "VcDemux": {"S": "[ccsds_core::vc::VcSlot; 3]", "N": "3"},
    "Decoder": {"R": "[decom::row::Register; 4]", "N": "4", "S": "crate::Sink"},
    "GroupJoiner": {"S": "[ccsds_core::packet::group::GroupSlot<&'static mut [u8]>; 2]"},
    "SecurityTable": {"S": "[ccsds_core::sdls::SecurityAssociation; 2]"},
    "holds": {"T": "f64"},
    "open": {"D": "ccsds_core::sdls::SecurityTable<[ccsds_core::sdls::SecurityAssociation; 2]>"},
}
# What `impl Trait` as an argument stands for.
ARGUMENTS = {"Scope": "crate::Known"}
TRAITS = {"Display", "LowerHex", "From", "Iterator", "Default", "Drop", "FrameCodec", "RowSink", "Scope", "PartialEq", "Decryptor"}


class Crate:
    def __init__(self, path):
        with open(path) as file:
            document = json.load(file)
        self.index = {int(key): item for key, item in document["index"].items()}
        self.external = {int(key): entry["path"] for key, entry in document["paths"].items()}
        self.public = {}
        self.entries = []
        self.visit(document["root"], [], self.name_types)
        self.visit(document["root"], [], self.enter)

    def visit(self, key, path, action):
        """Walk the public tree; a re-export is where it is re-exported."""
        item = self.index.get(key)
        if item is None or item["visibility"] != "public":
            return
        kind, inner = next(iter(item["inner"].items()))
        if kind == "module":
            for child in inner["items"]:
                self.visit(child, [*path, item["name"]], action)
        elif kind == "use":
            if inner["id"] is not None and not inner["is_glob"]:
                self.visit(inner["id"], path, action)
        else:
            action(key, "::".join([*path, item["name"]]), kind, inner)

    def name_types(self, key, path, kind, _):
        self.public.setdefault(key, path)

    def enter(self, key, path, kind, inner):
        if self.public[key] != path:
            return
        if kind == "function":
            self.function(path, inner, None, {})
        elif kind in ("struct", "enum"):
            for block in inner["impls"]:
                self.implementation(self.index[block]["inner"]["impl"], path)
        elif kind == "trait":
            # Provided functions, for the types that take them as they are.
            for child in inner["items"]:
                function = self.index[child]["inner"].get("function")
                if function and function["has_body"]:
                    implementor = {"FrameCodec": "frame_sync::codec::Uncoded", "RowSink": "crate::Sink"}[path.split("::")[-1]]
                    self.function(f"{path}::{self.index[child]['name']}", function, implementor, {}, path)

    def implementation(self, block, path):
        if block["is_synthetic"] or block["blanket_impl"]:
            return
        trait = block["trait"] and block["trait"]["path"].split("::")[-1]
        if trait and trait not in TRAITS:
            return
        name = path.split("::")[-1]
        # A receiver with arrays of its own has a number where the others have a type.
        constants = {p["name"] for p in block["generics"]["params"] if "const" in p["kind"]}
        array = f"Array{name}"
        generics = GENERICS[array if constants and array in GENERICS else name if name in GENERICS else ""]
        generics = {**GENERICS[""], **generics}
        this = self.type(block["for"], generics, path)
        via = None
        if trait:
            arguments = block["trait"]["args"]
            via = self.path(block["trait"]["id"], block["trait"]["path"]) + self.arguments(arguments, generics, this)
        for child in block["items"]:
            item = self.index[child]
            function = item["inner"].get("function")
            if function and (trait or item["visibility"] == "public"):
                derived = "automatically_derived" in json.dumps(item.get("attrs", [])) or "automatically_derived" in json.dumps(
                    self.index.get(child, {}).get("attrs", [])
                )
                if not derived:
                    self.function(f"{path}::{item['name']}", function, this, generics, via)

    def function(self, path, function, this, generics, via=None):
        name = path.split("::")[-1]
        generics = {**GENERICS[""], **generics, **GENERICS.get(name, {})}
        for parameter in function["generics"]["params"]:
            kind = parameter["kind"]
            if "type" in kind and parameter["name"].startswith("impl "):
                generics[parameter["name"]] = next((v for k, v in ARGUMENTS.items() if k in parameter["name"]), "")
        signature = function["sig"]
        values = [f"any::<{self.type(kind, generics, this)}>()" for _, kind in signature["inputs"]]
        if via and via.endswith("fmt::Display"):
            body = f"show(any::<&'static {this}>())"
        elif via and via.endswith("fmt::LowerHex"):
            body = f"show_hexadecimal(any::<&'static {this}>())"
        elif via and via.endswith("Drop"):
            body = f"drop(any::<{this}>())"
        else:
            owner = f"<{this} as {via}>" if via else f"<{this}>" if this else None
            callee = f"{owner}::{name}" if owner else path
            call = f"{callee}({', '.join(values)})"
            result = signature["output"]
            iterator = result and "impl_trait" in result
            body = f"keep_all({call})" if iterator else f"keep({call})"
        symbol = re.sub(r"\W+", "_", path) + (f"_of_{re.sub(r'[^A-Za-z]+', '_', via)}" if via else "")
        self.entries.append((symbol, body))

    def path(self, key, written):
        if key in self.public:
            return self.public[key]
        known = self.external.get(key)
        return "::".join(known) if known else written

    def arguments(self, arguments, generics, this):
        if not arguments or "angle_bracketed" not in arguments:
            return ""
        rendered = []
        for argument in arguments["angle_bracketed"]["args"]:
            if "lifetime" in argument:
                rendered.append("'static")
            elif "type" in argument:
                rendered.append(self.type(argument["type"], generics, this))
            elif "const" in argument:
                rendered.append(generics.get(argument["const"]["expr"], argument["const"]["expr"]))
            else:
                rendered.append("_")
        return f"<{', '.join(rendered)}>" if rendered else ""

    def type(self, kind, generics, this):
        (tag, value), = kind.items() if isinstance(kind, dict) else ((kind, None),)
        if tag == "primitive":
            return {"never": "!"}.get(value, value)
        if tag == "generic":
            if value != "Self" and value not in generics:
                raise SystemExit(f"GENERICS does not say what {value} stands for, in {this or 'a function'}")
            return this if value == "Self" else generics[value]
        if tag == "resolved_path":
            return self.path(value["id"], value["path"]) + self.arguments(value["args"], generics, this)
        if tag == "borrowed_ref":
            return f"&'static {'mut ' if value['is_mutable'] else ''}{self.type(value['type'], generics, this)}"
        if tag == "slice":
            return f"[{self.type(value, generics, this)}]"
        if tag == "array":
            length = generics.get(value["len"], value["len"])
            length = re.sub(r"\bSelf\b", f"<{this}>", length)
            return f"[{self.type(value['type'], generics, this)}; {length}]"
        if tag == "tuple":
            return f"({''.join(self.type(part, generics, this) + ', ' for part in value)})"
        if tag == "impl_trait":
            bound = value[0]["trait_bound"]["trait"]
            called = (bound["args"] or {}).get("parenthesized")
            if called:
                inputs = ", ".join(self.type(part, generics, this) for part in called["inputs"])
                output = self.type(called["output"], generics, this) if called["output"] else "()"
                # A closure takes arguments of any lifetime.
                return f"fn({inputs}) -> {output}".replace("'static", "'_")
            return ARGUMENTS[bound["path"].split("::")[-1]]
        if tag == "qualified_path":
            return f"<{self.type(value['self_type'], generics, this)} as {value['trait']['path']}>::{value['name']}"
        raise SystemExit(f"a type of an unknown kind: {kind}")


def main():
    seen = {}
    for path in sys.argv[1:]:
        for symbol, body in Crate(path).entries:
            number = seen[symbol] = seen.get(symbol, 0) + 1
            symbol = symbol if number == 1 else f"{symbol}_{number}"
            print(f"#[unsafe(no_mangle)]\nextern \"C\" fn e_{symbol}() {{\n    {body};\n}}\n")


main()
