//! What `fep discover` says of a stream of octets.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test may fail so")]

use std::path::Path;
use std::sync::Arc;

use examples::fep::discover;
use examples::fep::input::Input;
use examples::fep::mission::Mission;

/// The mission that was found; every line of it says how sure it is.
pub fn discovered(octets: &[u8], name: &str) -> Mission {
    let discovery = discover::run(&Input::Octets(Arc::from(octets)), name).unwrap();
    assert!(discovery.check.ledger.closed);
    for line in discovery.mission.lines().filter(|line| line.contains(" = ") && !line.starts_with(['#', 'n']))
    {
        let sure = ["certain: ", "likely: ", "guess: ", "default: "];
        assert!(sure.iter().any(|sure| line.contains(&format!("# {sure}"))), "not said how sure: {line}");
    }
    Mission::parse(&discovery.mission, Path::new("discovered.toml")).unwrap()
}
