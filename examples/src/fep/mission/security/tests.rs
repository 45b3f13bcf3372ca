use super::*;
use crate::fep::mission::Mission;

/// A good mission; tests spoil it.
const MISSION: &str = r#"name = "Protected"
[input]
kind = "frames"
[frame]
protocol = "aos"
length = 100
[[channel]]
scid = 42
vcid = [5, 6]
[[security]]
spi = 258
scid = 42
vcid = "5-6"
service = "authenticated-encryption"
algorithm = "aes-gcm"
iv = 12
mac = 16
window = 1000
key_file = "secret.hex"
"#;

/// Digits that must not turn up anywhere.
const KEY: &str = "00112233445566778899aabbccddeeff\n0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// The mission beside its key.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret.hex"), key).unwrap();
        Self(folder)
    }

    fn parse(&self, text: &str) -> Result<Mission, MissionError> {
        Mission::parse(text, &self.0.path().join("m.toml"))
    }
}

#[track_caller]
fn assert_error(from: &str, to: &str, place: &str, words: &str) {
    assert!(MISSION.contains(from), "{from:?} is not in the mission");
    let error = Folder::new(KEY).parse(&MISSION.replacen(from, to, 1)).expect_err("it is impossible");
    assert_eq!(format!("{}:{}", error.line(), error.key()), place, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    hides_the_key(&error.to_string());
}

fn hides_the_key(text: &str) {
    for part in KEY.split_whitespace() {
        assert!(!text.to_lowercase().contains(&part[..8]), "{text}");
    }
}

#[test]
fn an_association_is_described_without_its_key() {
    let mission = Folder::new(KEY).parse(MISSION).unwrap();
    let shown = mission.to_string();
    let expected = "security   association 258 of AOS/42/5,6: authenticated encryption by AES-GCM, key of 256 bits, \
                    initialization vector 12, code 16, window 1000\n";
    assert!(shown.contains(expected), "{shown}");
    hides_the_key(&shown);
    hides_the_key(&format!("{mission:?}"));
    assert!(!format!("{mission:?}").contains("17, 34, 51"));
    assert!(mission.frames().unwrap().decryptor().is_some());
}

#[test]
fn without_a_key_the_lengths_are_all_that_is_needed() {
    let without = MISSION.replace("key_file = \"secret.hex\"\n", "").replace("algorithm = \"aes-gcm\"\n", "");
    let shown = Folder::new("").parse(&without).unwrap().to_string();
    assert!(shown.contains("authenticated encryption, no key: passed on as it is, init"), "{shown}");
    let authentic = without.replace("authenticated-encryption", "authentication");
    let shown = Folder::new("").parse(&authentic).unwrap().to_string();
    assert!(shown.contains("authentication, no key: passed on unchecked, init"), "{shown}");
    let clear = without.replace("authenticated-encryption", "clear").replace("mac = 16\n", "");
    let shown = Folder::new("").parse(&clear).unwrap().to_string();
    assert!(shown.contains("AOS/42/5,6: clear, init"), "{shown}");
    let none = &MISSION[..MISSION.find("[[security]]").unwrap()];
    assert!(Folder::new("").parse(none).unwrap().frames().unwrap().decryptor().is_none());
}

#[test]
fn what_is_wrong_with_an_association_is_said_with_its_place() {
    assert_error("spi = 258\n", "", "10:security.spi", "missing key: add spi");
    assert_error("spi = 258", "spi = 65536", "11:security.spi", "65536 is out of range");
    assert_error(
        "[[security]]\nspi = 258\nscid = 42",
        "[[security]]\nspi = 258",
        "10:security.scid",
        "missing",
    );
    assert_error("scid = 42\nvcid = \"5-6\"", "scid = 42", "10:security.vcid", "missing");
    assert_error("vcid = \"5-6\"", "vcid = 64", "13:security.vcid", "AOS frames have channels 0 to 63");
    assert_error("iv = 12", "map = 3", "16:security.map", "only USLP frames have access points");
    assert_error(
        "\"authenticated-encryption\"",
        "\"secret\"",
        "14:security.service",
        "unknown value \"secret\"",
    );
    assert_error("\"aes-gcm\"", "\"des\"", "15:security.algorithm", "use \"aes-gcm\" or \"aes-cmac\"");
    assert_error("algorithm = \"aes-gcm\"\n", "", "10:security.algorithm", "missing key: add algorithm");
    assert_error(
        "\"aes-gcm\"",
        "\"aes-cmac\"",
        "15:security.algorithm",
        "only AES-GCM authenticates and decrypts",
    );
    assert_error("iv = 12", "iv = 33", "16:security.iv", "33 is out of range");
    assert_error("iv = 12", "iv = 8", "16:security.iv", "12 or 16 octets, not 8");
    assert_error("mac = 16", "mac = 8", "17:security.mac", "12 to 16 octets, not 8");
    assert_error("mac = 16", "mac = 0", "17:security.mac", "needs a message authentication code");
    assert_error(
        "\"authenticated-encryption\"",
        "\"clear\"",
        "17:security.mac",
        "only a service that authenticates",
    );
    assert_error("window = 1000", "mask = \"0x\"", "18:security.mask", "not hexadecimal");
    assert_error("window = 1000", "window = -1", "18:security.window", "-1 is out of range");
    let twice = "window = 1000\n[[security]]\nspi = 258\nscid = 42\nvcid = 7\nservice = \"clear\"";
    assert_error("window = 1000\nkey_file = \"secret.hex\"", twice, "20:security.spi", "declared twice");
    let of_another = format!("{MISSION}[[security]]\nspi = 258\nscid = 43\nvcid = 7\nservice = \"clear\"\n");
    assert!(Folder::new(KEY).parse(&of_another).is_ok(), "each spacecraft has indices of its own");
    assert_error("window = 1000", "key = \"00112233\"", "18:security.key", "unknown field `key`");
}

#[test]
fn a_key_that_cannot_be_had_is_an_error_that_shows_nothing_of_it() {
    assert_error("\"secret.hex\"", "\"none.hex\"", "19:security.key_file", "there is no such file");
    // The key itself in place of its file or variable.
    let digits = KEY.split_whitespace().next().unwrap();
    for (key, words) in [("key_file", "no such file"), ("key_env", "no environment variable")] {
        let to = format!("{key} = \"{digits}\"");
        assert_error("key_file = \"secret.hex\"", &to, &format!("19:security.{key}"), words);
    }
    let both = "key_env = \"A\"\nkey_file = \"secret.hex\"";
    assert_error("key_file = \"secret.hex\"", both, "19:security.key_env", "remove either");
    let of_key = |key: &str| {
        let error = Folder::new(key).parse(MISSION).unwrap_err();
        assert_eq!(error.key(), "security.key_file");
        hides_the_key(&error.to_string());
        error.to_string()
    };
    assert!(of_key("0011223344556677 8899aabbccddeef").contains("31 hexadecimal digits"));
    assert!(of_key("").contains("0 hexadecimal digits"));
    assert!(of_key("0011223344556677z").contains("not in hexadecimal"));
    assert!(of_key(&KEY[..16]).contains("16 or 32 octets"));
    assert!(of_key(&KEY.repeat(3)).contains("more than 64 octets"));
    assert!(of_key(&"00".repeat(5000)).contains("more than 64 octets"));
}

#[test]
fn a_key_may_come_from_the_environment() {
    // A variable that every run of a test has, and that is no key.
    let text = MISSION.replace("key_file = \"secret.hex\"", "key_env = \"CARGO_MANIFEST_DIR\"");
    let error = Folder::new(KEY).parse(&text).unwrap_err();
    assert_eq!((error.line(), error.key()), (19, "security.key_env"));
    assert!(error.to_string().contains("the key is not in hexadecimal"), "{error}");
}
