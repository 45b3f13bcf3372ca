//! Time codes: what is read is written again, and a crate by another author reads the same.

use ccsds_core::time::{
    AsciiFormat, Calendar, CcsFormat, CdsEpoch, CdsFormat, CucEpoch, CucFormat, Date, SubMillisecond,
    Terminator, Time, TimeFormat, UniformTime, UtcTime,
};
use spacepackets::time::cds::{CdsBase, CdsTime};

use crate::choices::{Choices, is_one_line};

/// Every code, told by its P-field or by management: what it reads, it writes again, octet for octet; what `spacepackets` reads,
/// it reads too.
pub fn time_codes(octets: &[u8]) {
    let mut choices = Choices::new(octets);
    let agency = Date::from_days(i32::from(choices.octet()) * 100);
    let kind = choices.below(6);
    match kind {
        0 => {
            let rest = choices.rest();
            if let Some((format, len)) = TimeFormat::from_p_field(rest, agency) {
                assert!(matches!(len, 1 | 2));
                let again = TimeFormat::from_p_field(&p_field(format), agency);
                assert_eq!(again.map(|(format, _)| format), Some(format));
                read(format, &rest[len..]);
            }
            peer(rest);
        }
        1 => {
            let epoch = choices.pick(&[CucEpoch::Agency, CucEpoch::Tai1958]);
            let format = CucFormat::new(epoch, choices.below(9), choices.below(12));
            format.into_iter().for_each(|format| read(TimeFormat::Cuc(format), choices.take(usize::MAX)));
        }
        2 => {
            let epoch = choices.pick(&[CdsEpoch::Ccsds, CdsEpoch::Agency(agency)]);
            let fraction = choices.pick(&[
                SubMillisecond::Absent,
                SubMillisecond::Microsecond,
                SubMillisecond::Picosecond,
            ]);
            let format = CdsFormat::new(epoch, choices.below(5), fraction);
            format.into_iter().for_each(|format| read(TimeFormat::Cds(format), choices.take(usize::MAX)));
        }
        3 => {
            let calendar = choices.pick(&[Calendar::DayOfYear, Calendar::MonthDay]);
            let format = CcsFormat::new(calendar, choices.below(9));
            format.into_iter().for_each(|format| read(TimeFormat::Ccs(format), choices.take(usize::MAX)));
        }
        4 => ascii(choices),
        _ => uniform(choices),
    }
}

fn p_field(format: TimeFormat) -> Vec<u8> {
    match format {
        TimeFormat::Ccs(format) => format.p_field().as_bytes().to_vec(),
        TimeFormat::Cds(format) => format.p_field().as_bytes().to_vec(),
        TimeFormat::Cuc(format) => format.p_field().as_bytes().to_vec(),
        _ => panic!("a code without a P-field"),
    }
}

fn read(format: TimeFormat, octets: &[u8]) {
    let time = match format.decode(octets) {
        Ok(time) => time,
        Err(error) => {
            assert!(is_one_line(&error));
            return;
        }
    };
    let field = &octets[..format.len()];
    assert_eq!(format.decode(field), Ok(time), "the code alone says the same");
    let mut again = vec![0xAA; field.len() + 8];
    let len = match (format, time) {
        (TimeFormat::Ascii(format), Time::Utc(time)) => format.emit(time, &mut again),
        (TimeFormat::Ccs(format), Time::Utc(time)) => format.emit(time, &mut again),
        (TimeFormat::Cds(format), Time::Utc(time)) => format.emit(time, &mut again),
        (TimeFormat::Cuc(format), Time::Uniform(time)) => format.emit(time, &mut again),
        other => panic!("{other:?}"),
    };
    assert_eq!(len, Ok(field.len()));
    // Text may hold digits finer than a picosecond: those are cut off.
    if !matches!(format, TimeFormat::Ascii(_) | TimeFormat::Cuc(_)) {
        assert_eq!(&again[..field.len()], field);
    }
    assert!(again[field.len()..].iter().all(|octet| *octet == 0xAA), "nothing behind the code is written");
    assert_eq!(format.decode(&again), Ok(time), "what is written says the same");
    if let Time::Utc(time) = time {
        assert_eq!(UtcTime::from_clock(time.date(), time.clock(), time.picosecond()), Ok(time));
        assert_eq!(UtcTime::new(time.day(), time.picosecond_of_day()), Ok(time));
        let shown = time.to_string();
        assert!(shown.ends_with('Z') && shown.contains('T'));
    }
}

/// Sums and differences, by numbers of 128 bits; and fractions in every unit.
fn uniform(mut choices: Choices<'_>) {
    let mut time = || UniformTime::new(choices.any().unwrap_or_default(), choices.any().unwrap_or_default());
    let (one, other) = (time(), time());
    let whole = |time: UniformTime| i128::from(time.seconds()) << 64 | i128::from(time.fraction());
    let time = |units: Option<i128>| {
        let units = units?;
        Some(UniformTime::new(i64::try_from(units >> 64).ok()?, units as u64))
    };
    assert_eq!(one.checked_add(other), time(whole(one).checked_add(whole(other))));
    assert_eq!(one.checked_sub(other), time(whole(one).checked_sub(whole(other))));
    assert!(one.attoseconds() < 1_000_000_000_000_000_000);
    assert_eq!(u64::from(one.nanoseconds()), one.attoseconds() / 1_000_000_000);
    match UniformTime::from_attoseconds(one.seconds(), other.fraction()) {
        Ok(again) => {
            assert_eq!((again.seconds(), again.attoseconds()), (one.seconds(), other.fraction()));
        }
        Err(error) => assert!(other.fraction() >= 1_000_000_000_000_000_000 && is_one_line(&error)),
    }
    let days = one.seconds() as i32;
    assert_eq!(UniformTime::from_days(days).seconds(), i64::from(days) * 86_400);
    if let Ok(date) = Date::new(days, other.seconds() as u8, (other.seconds() >> 8) as u8) {
        assert_eq!(Date::from_days(date.days()), date);
        assert_eq!(Date::from_day_of_year(date.year(), date.day_of_year()), Ok(date));
    }
}

fn ascii(mut choices: Choices<'_>) {
    let calendar = choices.pick(&[Calendar::DayOfYear, Calendar::MonthDay]);
    let digits = choices.octet() % 20;
    let terminator = choices.pick(&[Terminator::Absent, Terminator::Z]);
    let text = choices.rest();
    read(TimeFormat::Ascii(AsciiFormat::new(calendar, digits, terminator)), text);
    if let Ok(format) = AsciiFormat::of(text) {
        // A format that a text tells is as long as the text.
        assert!(format.len() <= text.len());
        read(TimeFormat::Ascii(format), text);
    }
}

/// `spacepackets` knows day segmented codes with a P-field, from 1958 on.
fn peer(octets: &[u8]) {
    let Some((TimeFormat::Cds(format), len)) = TimeFormat::from_p_field(octets, Date::CCSDS) else { return };
    let ours = format.decode(&octets[len..]);
    if format.epoch() != CdsEpoch::Ccsds || octets[0] & 4 != 0 {
        return;
    }
    if let (Ok(theirs), Ok(ours)) = (CdsTime::from_bytes_with_u16_days(octets), ours) {
        assert_eq!(i64::from(theirs.ccsds_days_as_u32()), i64::from(ours.day()));
        assert_eq!(theirs.ms_of_day(), ours.millisecond_of_day());
    }
}
