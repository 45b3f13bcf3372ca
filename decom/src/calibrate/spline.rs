//! Interpolation between points.

/// The value at `x` of a curve through `points`, each a raw and a calibrated number, in rising order of the raw ones.
///
/// Between two points the value is that of the polynomial through `order + 1` neighbouring points: those two, and beside them as
/// many before as behind; where the number is odd there is one more behind, and near the ends they are the first or last ones.
/// Order 0 is the value of the point before. A point itself keeps its value exactly. With fewer points than the order needs the
/// order is as high as they allow.
pub(super) fn interpolate(points: &[[f64; 2]], order: usize, extrapolate: bool, x: f64) -> Option<f64> {
    let (&[first, _], &[last, _]) = (points.first()?, points.last()?);
    if x.is_nan() || (!extrapolate && !(first..=last).contains(&x)) {
        return None;
    }
    // The points from `behind` on lie behind `x`.
    let behind = points.partition_point(|&[raw, _]| raw <= x);
    let before = behind.saturating_sub(1);
    let &[raw, calibrated] = points.get(before)?;
    let order = order.min(points.len() - 1);
    if raw == x || order == 0 {
        return Some(calibrated);
    }
    let last_start = points.len() - 1 - order;
    let start = before.saturating_sub((order - 1) / 2).min(last_start);
    let value = match points.get(start..=start + order)? {
        &[[x0, y0], [x1, y1]] => (y1 - y0) / (x1 - x0) * (x - x0) + y0,
        neighbours => lagrange(neighbours, x),
    };
    Some(value).filter(|value| !value.is_nan())
}

/// The value at `x` of the polynomial through all of the points.
fn lagrange(points: &[[f64; 2]], x: f64) -> f64 {
    let term = |i: usize, &[xi, yi]: &[f64; 2]| {
        let others = points.iter().enumerate().filter(|&(j, _)| j != i);
        others.fold(yi, |product, (_, &[xj, _])| product * ((x - xj) / (xi - xj)))
    };
    points.iter().enumerate().fold(0.0, |sum, (i, point)| sum + term(i, point))
}
