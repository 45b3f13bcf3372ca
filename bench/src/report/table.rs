//! The report as text: a table for a terminal, and Markdown for `bench/README.md`.

use super::goals::{Outcome, Want};
use super::machine::Machine;
use super::memory;
use super::process;
use super::row::Row;

/// All rows, aligned for a terminal.
#[must_use]
pub fn text(rows: &[Row]) -> String {
    let memory = memory::streaming_rate(rows);
    let heading =
        ["work", "level", "thr", "Gbit/s", "median", "peer", "Gbit/s", "x peer", "x memcpy", "us each"];
    let mut lines = vec![heading.map(str::to_owned)];
    for row in rows {
        let peer = row.best_peer();
        lines.push([
            row.work.clone(),
            row.level.to_owned(),
            row.threads.to_string(),
            number(row.figure.best),
            number(row.figure.median),
            peer.map_or("-", |peer| peer.name).to_owned(),
            peer.map_or("-".to_owned(), |peer| number(peer.figure.best)),
            peer.map_or("-".to_owned(), |peer| number(row.ratio_to(peer))),
            memory.map_or("-".to_owned(), |memory| format!("{:.3}", row.figure.best / memory)),
            format!("{} / {}", number(row.unit_micros()), row.unit.name),
        ]);
    }
    aligned(&lines)
}

/// Every goal and what was reached, aligned for a terminal.
#[must_use]
pub fn goals(outcomes: &[Outcome]) -> String {
    let heading = ["must reach", "level", "Gbit/s", "at least", "measured", ""];
    let mut lines = vec![heading.map(str::to_owned)];
    lines.extend(outcomes.iter().map(goal_cells));
    aligned(&lines)
}

/// The section of `bench/README.md` between its marks.
#[must_use]
pub fn markdown(
    machine: &Machine,
    noise: f64,
    rows: &[Row],
    outcomes: &[Outcome],
    process: Option<&process::Outcome>,
) -> String {
    let mut text = format!(
        "Measured {} on {}; {}; one time in ten a fixed loop took {:.1} % longer than at best. {}",
        machine.date,
        machine.cpu,
        if machine.cores == 1 { "1 core".to_owned() } else { format!("{} cores", machine.cores) },
        noise * 100.0,
        "Gbit/s of what goes in, best of many short repetitions.\n\n",
    );
    text.push_str("| must reach | level | Gbit/s | at least | measured | |\n");
    text.push_str("| --- | --- | ---: | ---: | ---: | --- |\n");
    for outcome in outcomes {
        text.push_str(&markdown_line(&goal_cells(outcome)));
    }
    text.push_str("\n| work | level | threads | best | median | peers, best first | x memcpy | µs each |\n");
    text.push_str("| --- | --- | ---: | ---: | ---: | --- | ---: | ---: |\n");
    let memory = memory::streaming_rate(rows);
    for row in rows {
        let mut rivals = row.rivals.clone();
        rivals.sort_by(|a, b| b.figure.best.total_cmp(&a.figure.best));
        let peers: Vec<_> = rivals
            .iter()
            .map(|rival| {
                format!("{} {} ({}x)", rival.name, number(rival.figure.best), number(row.ratio_to(rival)))
            })
            .collect();
        text.push_str(&markdown_line(&[
            row.work.clone(),
            row.level.to_owned(),
            row.threads.to_string(),
            number(row.figure.best),
            number(row.figure.median),
            peers.join(", "),
            memory.map_or(String::new(), |memory| format!("{:.3}", row.figure.best / memory)),
            format!("{} / {}", number(row.unit_micros()), row.unit.name),
        ]));
    }
    if let Some(process) = process {
        text.push_str(&format!("\n{}\n", process.line()));
    }
    text
}

fn goal_cells(outcome: &Outcome) -> [String; 6] {
    let (wanted, value) = match outcome.goal.want {
        Want::Gbit(wanted) => (format!("{wanted:.0} Gbit/s"), format!("{} Gbit/s", number(outcome.value))),
        Want::Mebibytes(most) => (format!("<= {most:.0} MiB"), format!("{:.0} MiB", outcome.value)),
        Want::Ratio { to, times } => (format!("{times}x {to}"), format!("{}x", number(outcome.value))),
        Want::Slowdown { to, times } => {
            (format!("<= {times}x time of {to}"), format!("{}x", number(outcome.value)))
        }
    };
    let verdict = if outcome.reached { "yes" } else { "NO" };
    [
        outcome.goal.work.to_owned(),
        outcome.level.clone(),
        number(outcome.gbit),
        wanted,
        value,
        verdict.to_owned(),
    ]
}

fn markdown_line<const N: usize>(cells: &[String; N]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// Columns as wide as their widest cell; numbers to the right.
fn aligned<const N: usize>(lines: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for line in lines {
        let mut written = String::new();
        for (cell, width) in line.iter().zip(widths) {
            let pad = " ".repeat(width - cell.chars().count());
            let is_number = cell.starts_with(|first: char| first.is_ascii_digit());
            let (before, behind) = if is_number { (pad.as_str(), "") } else { ("", pad.as_str()) };
            written.push_str(&format!("{before}{cell}{behind}  "));
        }
        text.push_str(written.trim_end());
        text.push('\n');
    }
    text
}

/// Three significant digits.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 => format!("{value:.2}"),
        tiny if tiny >= 0.1 => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let lines = [["a", "level"], ["long", "1.5"]].map(|line| line.map(str::to_owned));
        assert_eq!(aligned(&lines), "a     level\nlong    1.5\n");
    }

    #[test]
    fn numbers_keep_three_digits() {
        assert_eq!(
            [1234.5, 12.34, 1.234, 0.1234, 0.01234].map(number),
            ["1234", "12.3", "1.23", "0.123", "0.0123"]
        );
    }
}
