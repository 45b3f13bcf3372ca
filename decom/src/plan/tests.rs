use super::*;
use std::vec::Vec;

#[cfg(feature = "alloc")]
pub(crate) const fn span(start: u32, len: u32) -> Span {
    Span { start, len }
}

/// A container without anything in it, and its heirs.
#[cfg(feature = "alloc")]
pub(crate) const fn node(parent: u32, links: Span, is_abstract: bool) -> Node {
    let nothing = span(0, 0);
    Node {
        name: Text(nothing),
        parent: NodeId(parent),
        fields: nothing,
        saves: nothing,
        steps: nothing,
        links,
        switch: None,
        end_bit: 0,
        is_abstract,
        is_dynamic: false,
    }
}

fn nodes(parents: &[u32]) -> Vec<Node> {
    parents.iter().map(|&parent| Node { parent: NodeId(parent), ..Node::default() }).collect()
}

fn chain(plan: &Plan<'_>, id: u32) -> Vec<u32> {
    plan.chain(NodeId(id)).map(|NodeId(id)| id).collect()
}

#[test]
fn a_chain_leads_from_the_outermost_base_to_the_container() {
    let nodes = nodes(&[NONE, 0, 1, 0, 3]);
    let plan = Plan { nodes: &nodes, ..Plan::default() };
    assert_eq!(chain(&plan, 0), [0]);
    assert_eq!(chain(&plan, 2), [0, 1, 2]);
    assert_eq!(chain(&plan, 4), [0, 3, 4]);
    assert_eq!(chain(&plan, 5), []);
}

#[test]
fn a_chain_is_no_longer_than_heirs_nest() {
    let parents: Vec<u32> = [NONE].into_iter().chain(0..40).collect();
    let nodes = nodes(&parents);
    let plan = Plan { nodes: &nodes, ..Plan::default() };
    assert!(chain(&plan, 23).into_iter().eq(0..24));
    assert!(chain(&plan, 40).into_iter().eq(17..=40));
    let round = self::nodes(&[1, 0]);
    assert_eq!(chain(&Plan { nodes: &round, ..Plan::default() }, 0).len(), MAX_DEPTH);
}

/// Node 1 comes behind 3 and 4 and nowhere else; node 2 behind 0 and what extends it, among other places; node 5 extends 3.
#[test]
fn it_is_the_turn_of_what_is_named_behind_a_container_or_a_base_of_it() {
    let nodes = nodes(&[NONE, NONE, NONE, NONE, NONE, 3, 0]);
    let sequel = |node, behind, is_only| Sequel { node: NodeId(node), behind: NodeId(behind), is_only };
    let sequels = [sequel(1, 3, true), sequel(1, 4, true), sequel(2, 0, false)];
    let plan = Plan { nodes: &nodes, sequels: &sequels, ..Plan::default() };
    let turns = |id| [0, 1, 3, 4, 5, 6].map(|before| plan.turn(NodeId(id), Some(NodeId(before))));
    use Turn::{Any, Its, NotIts};
    assert_eq!(turns(1), [NotIts, NotIts, Its, Its, Its, NotIts]);
    assert_eq!(turns(2), [Its, Any, Any, Any, Any, Its]);
    assert_eq!(turns(4), [Any; 6]);
    assert_eq!([1, 2, 4].map(|id| plan.turn(NodeId(id), None)), [NotIts, Any, Any]);
}
