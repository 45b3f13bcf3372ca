//! The tables of a plan as they grow: equal rows are shared.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use hashbrown::HashMap;

use crate::plan::{Encoding, Expr, NONE, Operand, PlanBuf, Span, Text};

/// A plan that grows.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) plan: PlanBuf,
    texts: HashMap<String, Text>,
    fixed: HashMap<i64, u32>,
}

impl Tables {
    /// The place of `text`.
    pub(super) fn text(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text::default();
        }
        if let Some(&place) = self.texts.get(text) {
            return place;
        }
        let place = self.new_text(text);
        self.texts.insert(text.to_string(), place);
        place
    }

    /// The place of `text`, which is not looked for: it is there once.
    pub(super) fn new_text(&mut self, text: &str) -> Text {
        let place = Text(Span { start: self.plan.text.len() as u32, len: text.len() as u32 });
        self.plan.text.push_str(text);
        place
    }

    /// The index of a number that is always the same.
    pub(super) fn fixed(&mut self, value: i64) -> u32 {
        if let Some(&index) = self.fixed.get(&value) {
            return index;
        }
        let index = push(&mut self.plan.exprs, Expr::Fixed(value));
        self.fixed.insert(value, index);
        index
    }

    /// The index of `encoding`; `None` when there are more than fields can name.
    pub(super) fn encoding(&mut self, encoding: Encoding) -> Option<u16> {
        let found = self.plan.encodings.iter().position(|other| *other == encoding);
        let index = found.unwrap_or_else(|| push(&mut self.plan.encodings, encoding) as usize);
        u16::try_from(index).ok()
    }

    /// The index of `operand`.
    pub(super) fn operand(&mut self, operand: Operand) -> u32 {
        // The most recent ones are the likely ones.
        let found = self.plan.operands.iter().rev().take(64).position(|other| *other == operand);
        match found {
            Some(back) => (self.plan.operands.len() - 1 - back) as u32,
            None => push(&mut self.plan.operands, operand),
        }
    }

    /// The register of an item, from now on if not before.
    pub(super) fn register(&mut self, item: u32) -> u32 {
        let registers = &mut self.plan.registers;
        self.plan.items.get_mut(item as usize).map_or(NONE, |item| {
            if item.register == NONE {
                item.register = *registers;
                *registers += 1;
            }
            item.register
        })
    }

    /// Append `rows`, and say where they are.
    pub(super) fn append<T: Copy>(table: &mut Vec<T>, rows: &[T]) -> Span {
        let span = Span { start: table.len() as u32, len: rows.len() as u32 };
        table.extend_from_slice(rows);
        span
    }
}

/// Append a row, and say which it is.
pub(super) fn push<T>(table: &mut Vec<T>, row: T) -> u32 {
    table.push(row);
    table.len() as u32 - 1
}
