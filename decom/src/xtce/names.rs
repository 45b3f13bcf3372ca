//! Space systems, and the names declared in them (660.0-B-2 §4.3.1, name references).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

use roxmltree::NodeId;

use super::report::{Node, Report};
use super::values::{child, children, elements};

/// All declarations of a document, in document order, and the names they are found by.
#[derive(Debug)]
pub(super) struct Names<'a> {
    systems: Vec<System<'a>>,
    subsystems: HashMap<(u32, &'a str), u32>,
    system_of: HashMap<NodeId, u32>,
    /// Types of parameters.
    pub(super) types: Vec<Declaration<'a>>,
    /// Parameters.
    pub(super) parameters: Vec<Declaration<'a>>,
    /// Containers.
    pub(super) containers: Vec<Declaration<'a>>,
    type_names: Table<'a>,
    parameter_names: Table<'a>,
    container_names: Table<'a>,
}

/// Something that has a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declaration<'a> {
    /// Its element.
    pub(super) node: Node<'a>,
    /// Its name.
    pub(super) name: &'a str,
    /// The space system it is in.
    pub(super) system: u32,
    /// Whether it is part of telemetry; otherwise of commanding.
    pub(super) is_telemetry: bool,
}

#[derive(Debug)]
struct System<'a> {
    name: &'a str,
    path: String,
    parent: Option<u32>,
}

/// Declarations by space system and name.
type Table<'a> = HashMap<(u32, &'a str), usize>;

impl<'a> Names<'a> {
    /// Finds all declarations below `root`, and reports names that are declared twice.
    pub(super) fn collect(report: &Report<'a>, root: Node<'a>) -> Self {
        let mut names = Self {
            systems: Vec::new(),
            subsystems: HashMap::new(),
            system_of: HashMap::new(),
            types: Vec::new(),
            parameters: Vec::new(),
            containers: Vec::new(),
            type_names: HashMap::new(),
            parameter_names: HashMap::new(),
            container_names: HashMap::new(),
        };
        let mut foreign = Vec::new();
        let mut pending = vec![(root, None)];
        while let Some((node, parent)) = pending.pop() {
            let Some(system) = names.add_system(report, node, parent) else { continue };
            names.collect_system(report, node, system, &mut foreign);
            let subsystems: Vec<_> = children(node, "SpaceSystem").collect();
            pending.extend(subsystems.into_iter().rev().map(|node| (node, Some(system))));
        }
        names.add_foreign(report, &foreign);
        names
    }

    /// The name of the outermost space system.
    pub(super) fn root_name(&self) -> &'a str {
        self.systems.first().map_or("", |root| root.name)
    }

    /// The qualified name of a declaration.
    pub(super) fn qualified(&self, declaration: &Declaration<'_>) -> String {
        let path = self.systems.get(declaration.system as usize).map_or("", |system| &system.path);
        format!("{path}/{}", declaration.name)
    }

    /// The type that `reference`, written in `node`, leads to.
    pub(super) fn find_type(&self, node: Node<'_>, reference: &str) -> Option<usize> {
        self.find(&self.type_names, node, reference)
    }

    /// The container that `reference`, written in `node`, leads to.
    pub(super) fn find_container(&self, node: Node<'_>, reference: &str) -> Option<usize> {
        self.find(&self.container_names, node, reference)
    }

    /// The parameter that `reference`, written in `node`, leads to, and what of the reference leads into it.
    pub(super) fn find_parameter<'n>(&self, node: Node<'_>, reference: &'n str) -> Option<(usize, &'n str)> {
        if reference.len() > MAX_REFERENCE {
            return None;
        }
        let find = |reference: &str| self.find(&self.parameter_names, node, reference);
        if let Some(index) = find(reference) {
            return Some((index, ""));
        }
        let name = reference.rfind('/').map_or(0, |slash| slash + 1);
        let members = reference.get(name..)?.find(['.', '[']).map(|at| name + at);
        // Drafts of 1.2 wrote `parameter/member`.
        let slashes = reference.rmatch_indices('/').map(|(at, _)| at).take(MAX_MEMBERS);
        members.into_iter().chain(slashes).find_map(|at| {
            let (parameter, path) = reference.split_at_checked(at)?;
            Some((find(parameter)?, path))
        })
    }

    fn add_system(&mut self, report: &Report<'a>, node: Node<'a>, parent: Option<u32>) -> Option<u32> {
        let name = node.attribute("name")?;
        let above = parent.and_then(|parent| self.systems.get(parent as usize));
        let path = format!("{}/{name}", above.map_or("", |system| &system.path));
        let index = u32::try_from(self.systems.len()).ok()?;
        if parent.is_some_and(|parent| self.subsystems.insert((parent, name), index).is_some()) {
            report.attribute_error(node, "name", twice("space system", name), "rename one of them");
        }
        self.system_of.insert(node.id(), index);
        self.systems.push(System { name, path, parent });
        Some(index)
    }

    fn collect_system(
        &mut self,
        report: &Report<'a>,
        node: Node<'a>,
        system: u32,
        foreign: &mut Vec<(Node<'a>, u32)>,
    ) {
        for (data, is_telemetry) in [("TelemetryMetaData", true), ("CommandMetaData", false)] {
            let Some(data) = child(node, data) else { continue };
            let declared = |set: &str, kinds: &'static [&'static str]| {
                let set = child(data, set);
                let nodes = set.into_iter().flat_map(elements);
                let named = nodes.filter_map(move |node| {
                    let is_one = kinds.is_empty() || kinds.contains(&node.tag_name().name());
                    let name = node.attribute("name").filter(|_| is_one)?;
                    Some(Declaration { node, name, system, is_telemetry })
                });
                named.collect::<Vec<_>>()
            };
            let types = declared("ParameterTypeSet", TYPES);
            declare(report, "type", &mut self.types, &mut self.type_names, types);
            let parameters = declared("ParameterSet", &["Parameter"]);
            declare(report, "parameter", &mut self.parameters, &mut self.parameter_names, parameters);
            let containers = if is_telemetry { "ContainerSet" } else { "CommandContainerSet" };
            let containers = declared(containers, &["SequenceContainer", "CommandContainer"]);
            declare(report, "container", &mut self.containers, &mut self.container_names, containers);
            let references =
                child(data, "ParameterSet").into_iter().flat_map(|set| children(set, "ParameterRef"));
            foreign.extend(references.map(|node| (node, system)));
        }
    }

    /// Names of parameters of other systems that a `ParameterSet` lists.
    fn add_foreign(&mut self, report: &Report<'a>, foreign: &[(Node<'a>, u32)]) {
        for &(node, system) in foreign {
            let Some(reference) = node.attribute("parameterRef") else { continue };
            match self.find(&self.parameter_names, node, reference) {
                Some(index) => {
                    let name = reference.rsplit('/').next().unwrap_or(reference);
                    self.parameter_names.entry((system, name)).or_insert(index);
                }
                None => report.attribute_error(
                    node,
                    "parameterRef",
                    unknown("parameter", reference),
                    "declare it, or correct the reference",
                ),
            }
        }
    }

    fn find(&self, table: &Table<'_>, node: Node<'_>, reference: &str) -> Option<usize> {
        let (path, name) = match reference.rsplit_once('/') {
            Some((path, name)) => (Some(path), name),
            None => (None, reference),
        };
        let get = |system: u32| table.get(&(system, name)).copied();
        let here = node.ancestors().find_map(|node| self.system_of.get(&node.id()).copied())?;
        let Some(path) = path else { return self.outwards(here).find_map(get) };
        if let Some(path) = path.strip_prefix('/').or((path.is_empty()).then_some("")) {
            let (root, rest) = path.split_once('/').unwrap_or((path, ""));
            return if root == self.root_name() { get(self.walk(0, rest)?) } else { None };
        }
        if path.starts_with('.') {
            return get(self.walk(here, path)?);
        }
        self.outwards(here).find_map(|system| get(self.walk(system, path)?))
    }

    /// A system and those around it.
    fn outwards(&self, system: u32) -> impl Iterator<Item = u32> {
        core::iter::successors(Some(system), |&system| self.systems.get(system as usize)?.parent)
    }

    fn walk(&self, system: u32, path: &str) -> Option<u32> {
        path.split('/').try_fold(system, |system, step| match step {
            "" | "." => Some(system),
            ".." => self.systems.get(system as usize)?.parent,
            name => self.subsystems.get(&(system, name)).copied(),
        })
    }
}

/// What is wrong with a reference that leads nowhere.
pub(super) fn unknown(kind: &str, reference: &str) -> String {
    format!("no {kind} `{reference}` can be found from here")
}

fn twice(kind: &str, name: &str) -> String {
    format!("there are two {kind}s `{name}` in one space system")
}

fn declare<'a>(
    report: &Report<'a>,
    kind: &str,
    list: &mut Vec<Declaration<'a>>,
    table: &mut Table<'a>,
    declarations: Vec<Declaration<'a>>,
) {
    for declaration in declarations {
        match table.entry((declaration.system, declaration.name)) {
            Entry::Occupied(_) => {
                let what = twice(kind, declaration.name);
                report.attribute_error(declaration.node, "name", what, "rename one of them");
            }
            Entry::Vacant(slot) => {
                slot.insert(list.len());
            }
        }
        list.push(declaration);
    }
}

/// How long a reference may be, so that looking for it everywhere takes no time to speak of.
const MAX_REFERENCE: usize = 4096;

/// How many slashes of a reference may lead into a parameter.
const MAX_MEMBERS: usize = 64;

/// Elements that declare types.
const TYPES: &[&str] = &[
    "AbsoluteTimeParameterType",
    "AggregateParameterType",
    "ArrayParameterType",
    "BinaryParameterType",
    "BooleanParameterType",
    "EnumeratedParameterType",
    "FloatParameterType",
    "IntegerParameterType",
    "RelativeTimeParameterType",
    "StringParameterType",
];
