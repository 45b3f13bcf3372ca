//! Order among things that refer to each other.

use std::vec;
use std::vec::Vec;

/// All nodes of a graph, each after those it refers to; and those nodes whose reference closes a circle.
///
/// `edges` are the references of each node; those that lead nowhere are passed over.
pub(super) fn bottom_up(edges: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut order = Vec::with_capacity(edges.len());
    let mut circles = Vec::new();
    let mut states = vec![State::New; edges.len()];
    let mut path = Vec::new();
    for start in 0..edges.len() {
        open(&mut states, &mut path, start);
        while let Some((node, next)) = path.pop() {
            if let Some(&target) = edges.get(node).and_then(|targets| targets.get(next)) {
                path.push((node, next + 1));
                if !open(&mut states, &mut path, target) {
                    circles.push(node);
                }
            } else {
                if let Some(state) = states.get_mut(node) {
                    *state = State::Done;
                }
                order.push(node);
            }
        }
    }
    (order, circles)
}

/// Puts a new node on the path. False for one that is on it already.
fn open(states: &mut [State], path: &mut Vec<(usize, usize)>, node: usize) -> bool {
    let Some(state) = states.get_mut(node) else { return true };
    match state {
        State::Done => true,
        State::New => {
            *state = State::Open;
            path.push((node, 0));
            true
        }
        State::Open => false,
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    Done,
    New,
    Open,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn circles_are_found_where_they_close() {
        let edges = [vec![1, 1], vec![2, 9], vec![], vec![3], vec![5], vec![4]].map(Vec::from);
        assert_eq!(bottom_up(&edges), (vec![2, 1, 0, 3, 5, 4], vec![3, 5]));
    }

    proptest! {
        #[test]
        fn without_circles_everything_comes_after_what_it_refers_to(
            edges in prop::collection::vec(prop::collection::vec(0usize..40, 0..4), 1..40)
        ) {
            let edges: Vec<Vec<usize>> = edges
                .into_iter()
                .enumerate()
                .map(|(node, targets)| targets.into_iter().filter(|&target| target < node).collect())
                .collect();
            let (order, circles) = bottom_up(&edges);
            prop_assert!(circles.is_empty());
            prop_assert_eq!(order.len(), edges.len());
            let place = |node| order.iter().position(|&other| other == node);
            for (node, targets) in edges.iter().enumerate() {
                for &target in targets {
                    prop_assert!(place(target) < place(node));
                }
            }
        }
    }
}
