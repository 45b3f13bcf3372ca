//! The report as a picture: horizontal bars on a logarithmic scale, ours and the best peer's, in one self-contained file.

use std::fmt::Write;

use super::machine::Machine;
use super::row::Row;
use super::table;

/// The bars as an SVG document.
#[must_use]
pub fn svg(machine: &Machine, rows: &[Row]) -> String {
    let groups = groups(rows);
    let bars: usize = groups.iter().map(Vec::len).sum();
    let height = TOP + bars * BAR + groups.len() * GAP + BOTTOM;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = draw(&mut text, machine, &groups, height);
    text
}

/// The picture and the table on one page.
#[must_use]
pub fn html(machine: &Machine, rows: &[Row]) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Receive chain benchmarks</title>\n\
         <body style=\"font-family: sans-serif\">\n<h1>Receive chain benchmarks</h1>\n<p>{}</p>\n{}<pre>{}</pre>\n</body>\n</html>\n",
        escaped(&machine.line()),
        svg(machine, rows),
        escaped(&table::text(rows)),
    )
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
struct Bar {
    label: String,
    /// Best and median, Gbit/s.
    best: f64,
    median: f64,
    colour: &'static str,
}

/// The bars of each work under its name.
type Group = Vec<Bar>;

fn groups(rows: &[Row]) -> Vec<Group> {
    let mut groups = Vec::new();
    for of_work in rows.chunk_by(|a, b| a.work == b.work) {
        let mut group: Group = of_work
            .iter()
            .map(|row| Bar {
                label: match row.threads {
                    1 => format!("{}: {}", row.work, row.level),
                    threads => format!("{}: {} x{threads}", row.work, row.level),
                },
                best: row.figure.best,
                median: row.figure.median,
                colour: colour(row.level),
            })
            .collect();
        if let Some(peer) = of_work.first().and_then(Row::best_peer) {
            let (best, median) = (peer.figure.best, peer.figure.median);
            group.push(Bar { label: peer.name.to_owned(), best, median, colour: PEER });
        }
        groups.push(group);
    }
    groups
}

fn draw(text: &mut String, machine: &Machine, groups: &[Group], height: usize) -> std::fmt::Result {
    writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">"
    )?;
    writeln!(text, "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>")?;
    writeln!(
        text,
        "<text x=\"10\" y=\"18\" font-size=\"14\">Gbit/s, best (bar) and median (tick); grey: best peer</text>"
    )?;
    writeln!(text, "<text x=\"10\" y=\"36\">{}</text>", escaped(&machine.line()))?;
    for exponent in DECADES {
        let x = place(10f64.powi(exponent));
        writeln!(
            text,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{}\" stroke=\"#ddd\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            height - BOTTOM,
            TOP - 4,
            10f64.powi(exponent)
        )?;
    }
    let mut y = TOP;
    for group in groups {
        for bar in group {
            draw_bar(text, bar, y)?;
            y += BAR;
        }
        y += GAP;
    }
    writeln!(text, "</svg>")
}

fn draw_bar(text: &mut String, bar: &Bar, y: usize) -> std::fmt::Result {
    let (end, median) = (place(bar.best), place(bar.median));
    let base = y + BAR - 4;
    writeln!(
        text,
        "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\">{}</text>\
         <rect x=\"{LABELS}\" y=\"{}\" width=\"{:.1}\" height=\"{}\" fill=\"{}\"/>\
         <line x1=\"{median:.1}\" x2=\"{median:.1}\" y1=\"{}\" y2=\"{base}\" stroke=\"black\"/>\
         <text x=\"{:.1}\" y=\"{base}\">{:.3}</text>",
        LABELS - 6,
        escaped(&bar.label),
        y + 2,
        end - LABELS as f64,
        BAR - 4,
        bar.colour,
        y + 2,
        end + 4.0,
        bar.best
    )
}

/// Where on the scale so many Gbit/s are.
fn place(gbit: f64) -> f64 {
    let (first, last) = (f64::from(DECADES.start), f64::from(DECADES.end - 1));
    let part = ((gbit.max(1e-9).log10() - first) / (last - first)).clamp(0.0, 1.0);
    LABELS as f64 + part * (WIDTH - LABELS - VALUES) as f64
}

fn colour(level: &str) -> &'static str {
    match level {
        "scalar" => "#a6cee3",
        "ssse3" | "neon" => "#6aaed6",
        "avx2" => "#3182bd",
        "gfni" => "#08519c",
        _ => "#5aae61",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

const PEER: &str = "#b0b0b0";
/// 0.001 to 1000 Gbit/s.
const DECADES: std::ops::Range<i32> = -3..4;
const WIDTH: usize = 1100;
const LABELS: usize = 400;
/// Room for a number behind the longest bar.
const VALUES: usize = 70;
const TOP: usize = 64;
const BOTTOM: usize = 12;
const BAR: usize = 16;
const GAP: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::row::{Figure, Rival, Unit};

    #[test]
    fn bars_grow_with_the_logarithm_and_stay_on_the_page() {
        let ends = [1e-9, 1e-3, 1.0, 1e3, 1e9].map(place);
        assert!(ends.is_sorted());
        assert!(ends.iter().all(|end| (LABELS as f64..=(WIDTH - VALUES) as f64).contains(end)));
    }

    #[test]
    fn a_picture_shows_every_level_and_the_best_peer() {
        let row = |level| Row {
            work: "a < b".to_owned(),
            unit: Unit::MEBIBYTE,
            level,
            threads: 1,
            figure: Figure { best: 2.0, median: 1.0 },
            rivals: vec![Rival { name: "peer", figure: Figure { best: 0.5, median: 0.5 } }],
        };
        let machine = Machine { cpu: "x & y".to_owned(), cores: 1, levels: Vec::new(), date: String::new() };
        let picture = svg(&machine, &[row("scalar"), row("avx2")]);
        assert_eq!(picture.matches("<rect x=").count(), 3);
        assert!(
            picture.contains("a &lt; b: avx2") && picture.contains(">peer<") && picture.contains("x &amp; y")
        );
    }
}
