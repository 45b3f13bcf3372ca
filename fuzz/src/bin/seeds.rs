//! Writes the inputs to begin a hunt with into the corpus; what is there already is left alone.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut written = 0;
    for seed in fuzz::seeds::seeds() {
        let folder = corpus.join(seed.property);
        fs::create_dir_all(&folder)?;
        let path = folder.join(&seed.name);
        if !path.exists() {
            fs::write(path, &seed.octets)?;
            written += 1;
        }
    }
    println!("{written} inputs written to {}", corpus.display());
    Ok(())
}
