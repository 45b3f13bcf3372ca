//! What columns are called.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Column, ColumnBatch};
use crate::plan::Plan;

impl ColumnBatch {
    /// A name for each column, no two alike.
    ///
    /// The last part of the parameter's qualified name and, of a member of an aggregate, what leads to it: `Position.x`,
    /// `Star[].flux`. Parameters that would have the same name, or one of the `reserved` ones, go by their qualified names. XTCE
    /// allows no colon in names (660.0-B-2, `NameType`), so that what follows one tells columns of the same parameter apart.
    #[must_use]
    pub fn names(&self, plan: &Plan<'_>, reserved: &[&str]) -> Vec<String> {
        let mut uses: BTreeMap<String, usize> = reserved.iter().map(|&name| (name.to_owned(), 1)).collect();
        for column in &self.columns {
            *uses.entry(short(plan, column)).or_default() += 1;
        }
        let name = |column| {
            let short = short(plan, column);
            if uses.get(&short) == Some(&1) {
                return short;
            }
            let (name, suffix) = parts(plan, column);
            format!("{name}{suffix}")
        };
        self.columns.iter().map(name).collect()
    }
}

fn short(plan: &Plan<'_>, column: &Column) -> String {
    let (name, suffix) = parts(plan, column);
    format!("{}{suffix}", name.rsplit('/').next().unwrap_or(name))
}

/// The qualified name of the parameter, and which part of it the column is of.
fn parts<'p>(plan: &Plan<'p>, column: &Column) -> (&'p str, &'p str) {
    let item = plan.item(column.item);
    let parameter = item.and_then(|item| plan.parameter(item.parameter));
    let name = parameter.map_or("", |parameter| plan.str(parameter.name));
    (name, item.map_or("", |item| plan.str(item.suffix)))
}
