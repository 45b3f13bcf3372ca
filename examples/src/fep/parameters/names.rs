//! The names of the files.

use std::collections::HashSet;

use decom::plan::Plan;

/// The name of the file of each container, by its index.
///
/// The qualified name without the first separator, `.` for every other one, and `-` for whatever is neither letter, digit, `_`, `-`
/// nor `.`; a number tells apart what is then the same, capital letters being the same as small ones.
pub(super) fn of_containers(plan: &Plan<'_>, extension: &str) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |container: &str| {
        let stem = sanitised(container);
        let numbered = |number: u32| if number == 1 { stem.clone() } else { format!("{stem}-{number}") };
        let free = (1..).map(numbered).find(|stem| taken.insert(stem.to_lowercase()));
        format!("{}.{extension}", free.unwrap_or_default())
    };
    plan.nodes.iter().map(|node| plan.str(node.name)).map(name).collect()
}

fn sanitised(container: &str) -> String {
    let character = |character: char| match character {
        '/' => '.',
        '_' | '-' | '.' => character,
        _ if character.is_alphanumeric() => character,
        _ => '-',
    };
    let name: String = container.chars().map(character).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "container".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_its_folder() {
        assert_eq!(sanitised("/JPSS/ATT"), "JPSS.ATT");
        assert_eq!(sanitised("/../../etc/passwd"), "etc.passwd");
        assert_eq!(sanitised("/A\\B:C"), "A-B-C");
        assert_eq!(sanitised("/"), "container");
        assert_eq!(sanitised("/Größe/α"), "Größe.α");
    }
}
