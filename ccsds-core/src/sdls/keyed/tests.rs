use super::*;
use crate::id::{Scid, Tfvn, Vcid};
use crate::sdls::{SecuredChannels, SecurityParameters};

fn association(service: SecurityService, iv_len: usize, mac_len: usize) -> SecurityAssociation {
    let gvcid = Gvcid::new(Tfvn::Aos, Scid::new(1), Vcid::from_low_bits(1));
    SecurityAssociation::new(SecurityParameters {
        spi: Spi::new(1),
        channels: SecuredChannels::one(gvcid),
        service,
        iv_len,
        sequence_number_len: 0,
        pad_length_len: 0,
        mac_len,
    })
    .unwrap()
}

#[test]
fn what_does_not_go_together_is_refused() {
    use SecurityAlgorithm as A;
    use SecurityService as S;
    let new = |service, algorithm, (key, iv, mac): (usize, usize, usize), mask: usize, window| {
        let key = SecurityKey::new(&[1; 64][..key]).unwrap();
        let mac = if S::authenticates(service) { mac } else { 0 };
        KeyedAssociation::new(association(service, iv, mac), algorithm, key, &[0xFF; 300][..mask], window)
            .err()
    };
    assert_eq!(new(S::AuthenticatedEncryption, A::AesGcm, (32, 12, 16), 256, 9), None);
    assert_eq!(new(S::Authentication, A::AesGcm, (16, 16, 12), 0, 0), None);
    assert_eq!(new(S::Authentication, A::AesCmac, (16, 0, 8), 300, 0), None);
    assert_eq!(new(S::Authentication, A::HmacSha512, (64, 0, 64), 300, 0), None);
    for service in [S::Clear, S::Encryption] {
        let expected = Some(SecurityKeyError::Service { service });
        assert_eq!(new(service, A::AesGcm, (32, 12, 0), 0, 0), expected);
    }
    let service = S::AuthenticatedEncryption;
    assert_eq!(new(service, A::AesCmac, (32, 12, 16), 0, 0), Some(SecurityKeyError::Service { service }));
    for (algorithm, len) in [(A::AesGcm, 24), (A::AesCmac, 64), (A::HmacSha256, 15)] {
        let expected = Some(SecurityKeyError::KeyLength { len });
        assert_eq!(new(S::Authentication, algorithm, (len, 12, 16), 0, 0), expected);
    }
    for len in [0, 8, 32] {
        assert_eq!(new(service, A::AesGcm, (32, len, 16), 0, 0), Some(SecurityKeyError::Iv { len }));
    }
    for (algorithm, min, max, len) in
        [(A::AesGcm, 12, 16, 8), (A::AesCmac, 8, 16, 17), (A::HmacSha256, 8, 32, 4)]
    {
        let expected = Some(SecurityKeyError::Mac { min, max, len });
        assert_eq!(new(S::Authentication, algorithm, (32, 12, len), 0, 0), expected);
    }
    let expected = Some(SecurityKeyError::Mask { max: 256, len: 257 });
    assert_eq!(new(service, A::AesGcm, (32, 12, 16), 257, 0), expected);
    let expected = Some(SecurityKeyError::NothingCounts);
    assert_eq!(new(S::Authentication, A::AesCmac, (32, 0, 16), 0, 1), expected);
}

#[test]
fn no_association_shows_its_key() {
    let key = SecurityKey::new(&[0xA7; 16]).unwrap();
    let association = association(SecurityService::Authentication, 0, 8);
    let keyed = KeyedAssociation::new(association, SecurityAlgorithm::AesCmac, key, [0u8; 0], 0).unwrap();
    let shown = std::format!("{:?}", Sdls::new([keyed]));
    assert!(shown.contains("SecurityKey(..)") && !shown.contains("167") && !shown.contains("a7"), "{shown}");
}
