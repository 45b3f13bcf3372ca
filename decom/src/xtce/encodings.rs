//! Data encodings: how bits give raw values (660.0-B-2 §4.3.2.2).

use std::format;
use std::vec;
use std::vec::Vec;

use super::Loader;
use super::report::Node;
use super::values::{child, children, octets, text};
use crate::model::{BitOrder, ByteOrder, Charset, Encoding, FloatEncoding, IntExpr, IntegerEncoding, Size};

impl<'a> Loader<'_, 'a> {
    /// What an element of [`ENCODINGS`] says. Nothing where it is wrong.
    pub(super) fn encoding(&self, node: Node<'a>) -> Option<Encoding> {
        match node.tag_name().name() {
            "BinaryDataEncoding" => self.binary(node),
            "FloatDataEncoding" => self.float(node),
            "IntegerDataEncoding" => Some(self.integer(node)),
            "StringDataEncoding" => self.string(node),
            _ => None,
        }
    }

    fn integer(&self, node: Node<'a>) -> Encoding {
        let encoding = self.report.word(
            node,
            "encoding",
            &[
                ("unsigned", IntegerEncoding::Unsigned),
                ("signMagnitude", IntegerEncoding::SignMagnitude),
                ("twosComplement", IntegerEncoding::TwosComplement),
                ("twosCompliment", IntegerEncoding::TwosComplement),
                ("onesComplement", IntegerEncoding::OnesComplement),
                ("onesCompliment", IntegerEncoding::OnesComplement),
                ("BCD", IntegerEncoding::Bcd),
                ("packedBCD", IntegerEncoding::PackedBcd),
            ],
            IntegerEncoding::Unsigned,
        );
        let most = if encoding == IntegerEncoding::Unsigned { 128 } else { 64 };
        let bits = self.report.count(node, "sizeInBits", 1, most, 8);
        let (byte_order, bit_order) = self.orders(node, bits);
        Encoding::Integer { bits, encoding, byte_order, bit_order }
    }

    fn float(&self, node: Node<'a>) -> Option<Encoding> {
        let encoding = self.report.word(
            node,
            "encoding",
            &[
                ("IEEE754_1985", FloatEncoding::Ieee754),
                ("IEEE754", FloatEncoding::Ieee754),
                ("MILSTD_1750A", FloatEncoding::MilStd1750A),
                ("DEC", FloatEncoding::Dec),
                ("IBM", FloatEncoding::Ibm),
                ("TI", FloatEncoding::Ti),
            ],
            FloatEncoding::Ieee754,
        );
        let sizes: &[u32] = match encoding {
            FloatEncoding::Ieee754 => &[16, 32, 64, 80, 128],
            FloatEncoding::MilStd1750A => &[32, 48],
            FloatEncoding::Dec | FloatEncoding::Ibm => &[32, 64],
            FloatEncoding::Ti => &[32, 40],
        };
        let bits = self.report.count(node, "sizeInBits", 1, 128, 32);
        if !sizes.contains(&bits) {
            let what = format!("this encoding has no size of {bits} bits");
            self.report.attribute_error(node, "sizeInBits", what, format!("write one of {sizes:?}"));
            return None;
        }
        let (byte_order, bit_order) = self.orders(node, bits);
        Some(Encoding::Float { bits, encoding, byte_order, bit_order })
    }

    fn binary(&self, node: Node<'a>) -> Option<Encoding> {
        self.refuse_orders(node);
        if let Some(algorithm) = child(node, TRANSFORM)
            && !is_time_code(node, algorithm)
        {
            let what = format!("`{TRANSFORM}` is not supported");
            self.report.omit(algorithm, what, "remove it, or load leniently to leave it out");
        }
        let Some(size) = child(node, "SizeInBits") else {
            let fix = "write a SizeInBits";
            self.report.error(node, format!("`{}` has no size", node.tag_name().name()), fix);
            return None;
        };
        Some(Encoding::Octets { size: Size::Bits(self.size_expr(size)?) })
    }

    fn string(&self, node: Node<'a>) -> Option<Encoding> {
        let charset = self.report.word(
            node,
            "encoding",
            &[
                ("US-ASCII", Charset::UsAscii),
                ("ISO-8859-1", Charset::Latin1),
                ("Windows-1252", Charset::Windows1252),
                ("UTF-8", Charset::Utf8),
                ("UTF-16", Charset::Utf16),
                ("UTF-16LE", Charset::Utf16Le),
                ("UTF-16BE", Charset::Utf16Be),
                ("UTF-32", Charset::Utf32Be),
                ("UTF-32LE", Charset::Utf32Le),
                ("UTF-32BE", Charset::Utf32Be),
            ],
            Charset::Utf8,
        );
        let is_little = node.attribute("byteOrder") == Some("leastSignificantByteFirst");
        let charset = match node.attribute("encoding") {
            Some("UTF-16") if is_little => Charset::Utf16Le,
            Some("UTF-32") if is_little => Charset::Utf32Le,
            _ => {
                self.refuse_orders(node);
                charset
            }
        };
        let size = match (child(node, "SizeInBits"), child(node, "Variable")) {
            (Some(size), None) => self.fixed_text(size, charset),
            (None, Some(size)) => self.variable_text(size, charset),
            _ => {
                let fix = "write a SizeInBits or a Variable";
                self.report.error(node, "`StringDataEncoding` needs one size", fix);
                None
            }
        };
        Some(Encoding::Text { size: size?, charset })
    }

    /// `SizeInBits` of a text: the field has a size, or the text says where it ends.
    fn fixed_text(&self, node: Node<'a>, charset: Charset) -> Option<Size> {
        let bits = match child(node, "Fixed") {
            Some(fixed) => Some(self.size_expr(fixed)?),
            None => None,
        };
        self.text_size(node, bits, u32::MAX, charset)
    }

    /// `Variable` of a text: as `SizeInBits`, with an upper bound.
    fn variable_text(&self, node: Node<'a>, charset: Charset) -> Option<Size> {
        let max_bits = self.report.count(node, "maxSizeInBits", 1, u32::MAX, u32::MAX);
        let is_given = child(node, "DynamicValue").or_else(|| child(node, "DiscreteLookupList"));
        let bits = match is_given {
            Some(_) => Some(self.size_expr(node)?),
            None => None,
        };
        self.text_size(node, bits, max_bits, charset)
    }

    fn text_size(
        &self,
        node: Node<'a>,
        bits: Option<IntExpr>,
        max_bits: u32,
        charset: Charset,
    ) -> Option<Size> {
        // With a leading size a terminator has no meaning (schema 1.2, LeadingSize).
        if let Some(leading) = child(node, "LeadingSize") {
            let tag_bits = self.report.count(leading, "sizeInBitsOfSizeTag", 1, 64, 16);
            if bits.is_none() {
                return Some(Size::Leading { tag_bits, max_bits });
            }
            let fix =
                "leave out the size of the field, or describe the leading size as a parameter of its own";
            self.report.error(leading, "a field with a size and a leading size is not supported", fix);
            return None;
        }
        let terminator = match child(node, "TerminationChar") {
            Some(node) => Some(self.terminator(node, charset)?),
            None => None,
        };
        match (bits, terminator) {
            (Some(bits), None) => Some(Size::Bits(bits)),
            (Some(bits), Some(terminator)) => Some(Size::TerminatedWithin { terminator, bits }),
            (None, Some(terminator)) => Some(Size::Terminated { terminator, max_bits }),
            (None, None) => {
                let fix = "write its size, a LeadingSize or a TerminationChar";
                self.report.error(node, "nothing says where the text ends", fix);
                None
            }
        }
    }

    fn terminator(&self, node: Node<'a>, charset: Charset) -> Option<Vec<u8>> {
        if text(node).is_empty() {
            let width = match charset {
                Charset::Utf16 | Charset::Utf16Be | Charset::Utf16Le => 2,
                Charset::Utf32Be | Charset::Utf32Le => 4,
                _ => 1,
            };
            return Some(vec![0; width]);
        }
        let found = octets(text(node));
        if found.is_none() {
            let what = format!("`{}` is not hexadecimal", text(node));
            self.report.error(node, what, "write two hexadecimal digits for each octet, such as 00");
        }
        found
    }

    /// Orders of octets and bits of a number.
    fn orders(&self, node: Node<'a>, bits: u32) -> (ByteOrder, BitOrder) {
        let bit_order = self.report.word(
            node,
            "bitOrder",
            &[
                ("leastSignificantBitFirst", BitOrder::LeastSignificantFirst),
                ("mostSignificantBitFirst", BitOrder::MostSignificantFirst),
            ],
            BitOrder::MostSignificantFirst,
        );
        let listed = child(node, "ByteOrderList");
        let byte_order = match (node.attribute("byteOrder"), listed) {
            (None, None) => ByteOrder::MostSignificantFirst,
            (Some("mostSignificantByteFirst"), None) => ByteOrder::MostSignificantFirst,
            (Some("leastSignificantByteFirst"), None) => ByteOrder::LeastSignificantFirst,
            (Some(list), None) => {
                let list = list.split(',').map(|octet| octet.trim().parse().ok()).collect();
                self.byte_list(node, list, bits)
            }
            (None, Some(list)) => {
                let significance = |node| u8::try_from(self.report.integer(node, "byteSignificance")?).ok();
                self.byte_list(list, children(list, "Byte").map(significance).collect(), bits)
            }
            (Some(_), Some(list)) => {
                self.report.error(list, "the byte order is given twice", "keep one of them");
                ByteOrder::MostSignificantFirst
            }
        };
        (byte_order, bit_order)
    }

    fn byte_list(&self, node: Node<'a>, list: Option<Vec<u8>>, bits: u32) -> ByteOrder {
        let Some(list) = list else {
            let fix =
                "write mostSignificantByteFirst, leastSignificantByteFirst, or significances such as 1,0,3,2";
            self.report.error(node, "the byte order is no list of significances", fix);
            return ByteOrder::MostSignificantFirst;
        };
        let mut sorted = list.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().map(u32::from).eq(0..bits.div_ceil(8)) || !bits.is_multiple_of(8) {
            let what = format!("the byte order does not list each octet of {bits} bits once");
            self.report.error(node, what, "list each significance from 0, the least one, once");
        } else if list.iter().rev().eq(sorted.iter()) {
            return ByteOrder::MostSignificantFirst;
        } else if list == sorted {
            return ByteOrder::LeastSignificantFirst;
        }
        ByteOrder::List(list)
    }

    /// Octets and texts have no order but that of the packet.
    pub(super) fn refuse_orders(&self, node: Node<'a>) {
        let usual = [("bitOrder", "mostSignificantBitFirst"), ("byteOrder", "mostSignificantByteFirst")];
        for (name, usual) in usual {
            if node.attribute(name).is_some_and(|order| order != usual) {
                let what = "octets and texts are only read in the order of the packet";
                self.report.omit_attribute(node, name, what, format!("write {name}=\"{usual}\""));
            }
        }
        if let Some(list) = child(node, "ByteOrderList") {
            let what = "octets and texts are only read in the order of the packet";
            self.report.omit(list, what, "remove it");
        }
    }
}

/// Whether an algorithm is the name of a CCSDS time code, in the encoding of a time: a type of a time holds an `Encoding`, any other
/// type the encoding itself.
fn is_time_code(encoding: Node<'_>, algorithm: Node<'_>) -> bool {
    let is_time = encoding.parent().is_some_and(|holder| holder.tag_name().name() == "Encoding");
    is_time && matches!(algorithm.attribute("name"), Some("CDS" | "CUC"))
}

/// What makes values of octets.
pub(super) const TRANSFORM: &str = "FromBinaryTransformAlgorithm";

/// Elements that give an encoding.
pub(super) const ENCODINGS: [&str; 4] =
    ["BinaryDataEncoding", "FloatDataEncoding", "IntegerDataEncoding", "StringDataEncoding"];
