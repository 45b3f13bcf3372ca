use std::vec::Vec;

use super::*;

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// "The Galois/Counter Mode of Operation", test cases 1, 4, 13 and 16, as submitted to NIST for SP 800-38D.
#[test]
fn the_vectors_of_galois_counter_mode_open() {
    let key = "feffe9928665731c6d6a8f9467308308";
    let plain = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                 1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    let case_4 = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
                  21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091";
    let case_16 = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                   8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
    let iv = octets("cafebabefacedbaddecaf888");
    let covered = octets("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    for (times, cipher_text, tag) in
        [(1, case_4, "5bc94fbc3221a5db94fae95ae7121a47"), (2, case_16, "76fc6ece0f4e1768cddf8853bb2d551b")]
    {
        let (key, tag) = (octets(&key.repeat(times)), octets(tag));
        for tag_len in 12..=16 {
            let mut data = octets(cipher_text);
            assert!(gcm(&key, &iv, &covered, &mut data, &tag[..tag_len]));
            assert_eq!(data, octets(plain));
        }
        let mut data = octets(cipher_text);
        assert!(!gcm(&key, &iv, &covered[1..], &mut data, &tag));
        assert_eq!(data, octets(cipher_text), "nothing is decrypted that is not authentic");
    }
    let empty = [(16, "58e2fccefa7e3061367f1d57a4e7455a"), (32, "530f8afbc74536b9a963b4f1c4cb738b")];
    for (key_len, tag) in empty {
        assert!(gcm(&[0; 32][..key_len], &[0; 12], &[], &mut [], &octets(tag)));
    }
}

/// NIST SP 800-38B, examples of CMAC-AES128 and CMAC-AES256 (those of RFC 4493 too).
#[test]
fn the_vectors_of_cmac_are_right() {
    let message = octets(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
         30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
    let short = "2b7e151628aed2a6abf7158809cf4f3c";
    let long = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
    for (key, len, mac) in [
        (short, 0, "bb1d6929e95937287fa37d129b756746"),
        (short, 16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (short, 40, "dfa66747de9ae63030ca32611497c827"),
        (short, 64, "51f0bebf7e3b9d92fc49741779363cfe"),
        (long, 0, "028962f61b7bf89efc6b551f4667d983"),
        (long, 16, "28a7023f452e8f82bd4bf28d8c37c35c"),
        (long, 40, "aaf3d8f1de5640c232f5b169b9c911e6"),
        (long, 64, "e1992190549f6ed5696a2c056c315410"),
    ] {
        code_is_right(SecurityAlgorithm::AesCmac, &octets(key), &message[..len], &octets(mac));
    }
}

/// RFC 4231, test cases 1 and 2.
#[test]
fn the_vectors_of_hmac_are_right() {
    let first = [0x0B; 20];
    code_is_right(
        SecurityAlgorithm::HmacSha256,
        &first,
        b"Hi There",
        &octets("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    );
    code_is_right(
        SecurityAlgorithm::HmacSha512,
        &first,
        b"Hi There",
        &octets(
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
             daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
        ),
    );
    code_is_right(
        SecurityAlgorithm::HmacSha256,
        b"Jefe",
        b"what do ya want for nothing?",
        &octets("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    );
}

/// Whole and cut short; not for another message, nor with a bit changed; and the mask works wherever it ends.
fn code_is_right(algorithm: SecurityAlgorithm, key: &[u8], message: &[u8], mac: &[u8]) {
    let is_right = |message: &[u8], mask: &[u8], mac: &[u8]| mac_is_right(algorithm, key, message, mask, mac);
    for len in 8..=mac.len() {
        assert!(is_right(message, &[], &mac[..len]));
        let mut wrong = mac[..len].to_vec();
        wrong[len - 1] ^= 1;
        assert!(!is_right(message, &[], &wrong));
    }
    assert!(!is_right(&[message, &[0]].concat(), &[], mac));
    for masked in 0..=message.len() + 3 {
        // Bits that the mask hides may be anything; those of these messages are themselves.
        let noise = message.iter().map(|octet| octet ^ 0xFF);
        let hidden: Vec<u8> = noise.take(masked).chain(message.iter().copied().skip(masked)).collect();
        let zeros: Vec<u8> = std::vec![0; masked];
        assert_eq!(
            is_right(&hidden, &zeros, mac),
            message[..masked.min(message.len())].iter().all(|o| *o == 0)
        );
        let ones: Vec<u8> = std::vec![0xFF; masked];
        assert!(is_right(message, &ones, mac));
    }
}
