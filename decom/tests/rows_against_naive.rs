//! Compiler and row engine against a naive interpreter of the database, on random databases and packets.

mod common;

use common::random::{Choices, database, database_and_packet};
use common::{Said, naive};
use decom::model::ContainerId;
use decom::row::RowStatus;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn rows_equal_a_naive_interpreter((choices, packet) in database_and_packet(), dynamic: bool) {
        let database = database(&mut Choices::new(&choices), dynamic);
        let plan = database.compile().unwrap();
        let (report, recorder) = common::decode(plan.plan(), "/root", &packet);
        let (said, leaf, is_short) = naive::decode(&database, ContainerId(0), &packet);
        // Arrays of fixed size at fixed places are not announced, and all that is missing of a loop at fixed places is.
        let values = |said: &[Said]| {
            let kept = said.iter().filter(|said| matches!(said, Said::Enter(_) | Said::Value(..)));
            kept.cloned().collect::<Vec<_>>()
        };
        prop_assert_eq!(values(&recorder.said), values(&said));
        let status = match (is_short, &leaf) {
            (true, _) => RowStatus::Short,
            (false, Some(_)) => RowStatus::Complete,
            (false, None) => RowStatus::Unmatched,
        };
        prop_assert_eq!(report.status, status);
        if let Some(leaf) = leaf {
            prop_assert_eq!(plan.plan().container_name(report.container), leaf);
        }
    }
}
