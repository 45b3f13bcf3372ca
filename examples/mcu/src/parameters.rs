//! What the housekeeping packet holds: forty parameters, one behind the other, behind the packet header.
//!
//! The firmware makes its plan of this list; the build script works out, bit by bit and without the library, what the
//! firmware must find.

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// How many bits it has.
    pub bits: u8,
    /// What they are.
    pub form: Form,
}

/// What the bits of a parameter are.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Off or on.
    Boolean,
    /// IEEE 754 binary32.
    Float,
    /// One of three words; other numbers have none.
    Mode,
    /// No sign; `a + b x + c x²`, a warning outside of the limits.
    Polynomial([f64; 3], [f64; 2]),
    /// Two's complement.
    Signed,
    /// Two's complement; `a + b x + c x²`, a warning outside of the limits.
    SignedPolynomial([f64; 3], [f64; 2]),
    /// No sign.
    Unsigned,
}

const fn parameter(name: &'static str, bits: u8, form: Form) -> Parameter {
    Parameter { name, bits, form }
}

/// The process whose packets hold them.
pub const APID: u16 = 11;
/// Octets of the packet, header included.
pub const PACKET_LEN: usize = 69;
/// The words of [`Form::Mode`]: for 0, for 1, and for 2 to 4.
pub const MODES: [(&str, i64, i64); 3] = [("SAFE", 0, 0), ("NOMINAL", 1, 1), ("SCIENCE", 2, 4)];
/// The words of [`Form::Boolean`].
pub const SWITCH: [&str; 2] = ["OFF", "ON"];

/// The parameters in the order of the packet.
pub const PARAMETERS: [Parameter; 40] = {
    use Form::{Boolean, Float, Mode, Polynomial, Signed, SignedPolynomial, Unsigned};
    [
        parameter("OBT", 32, Unsigned),
        parameter("OBT_FRAC", 16, Unsigned),
        parameter("MODE", 3, Mode),
        parameter("HTR1", 1, Boolean),
        parameter("HTR2", 1, Boolean),
        parameter("TX_ON", 1, Boolean),
        parameter("RX_LOCK", 1, Boolean),
        parameter("SPARE", 1, Unsigned),
        parameter("BUS_V", 12, Polynomial([0.0, 0.01, 0.0], [22.0, 34.0])),
        parameter("BUS_I", 12, SignedPolynomial([0.125, 0.005, 0.0], [-5.0, 8.0])),
        parameter("BAT_V", 12, Polynomial([0.0, 0.01, 0.0], [20.0, 33.5])),
        parameter("BAT_T", 12, SignedPolynomial([20.0, 0.0625, 0.0], [-10.0, 45.0])),
        parameter("PANEL1", 10, Polynomial([-40.0, 0.25, 0.0001], [-30.0, 100.0])),
        parameter("PANEL2", 10, Polynomial([-40.0, 0.25, 0.0001], [-30.0, 100.0])),
        parameter("PANEL3", 10, Polynomial([-40.0, 0.25, 0.0001], [-30.0, 100.0])),
        parameter("PANEL4", 10, Polynomial([-40.0, 0.25, 0.0001], [-30.0, 100.0])),
        parameter("RATE_X", 16, SignedPolynomial([0.0, 0.000_061_035_156_25, 0.0], [-0.5, 0.5])),
        parameter("RATE_Y", 16, SignedPolynomial([0.0, 0.000_061_035_156_25, 0.0], [-0.5, 0.5])),
        parameter("RATE_Z", 16, SignedPolynomial([0.0, 0.000_061_035_156_25, 0.0], [-0.5, 0.5])),
        parameter("Q1", 32, Float),
        parameter("Q2", 32, Float),
        parameter("Q3", 32, Float),
        parameter("Q4", 32, Float),
        parameter("WHEEL1", 16, Signed),
        parameter("WHEEL2", 16, Signed),
        parameter("WHEEL3", 16, Signed),
        parameter("WHEEL4", 16, Signed),
        parameter("SUN_X", 7, Signed),
        parameter("SUN_Y", 7, Signed),
        parameter("STAR_MODE", 3, Mode),
        parameter("STARS", 5, Unsigned),
        parameter("GPS_SATS", 5, Unsigned),
        parameter("GPS_MODE", 3, Mode),
        parameter("GPS_FIX", 1, Boolean),
        parameter("CMD_COUNT", 17, Unsigned),
        parameter("CMD_REJECTED", 9, Unsigned),
        parameter("RX_AGC", 11, SignedPolynomial([-90.0, 0.1, 0.0], [-130.0, -40.0])),
        parameter("TX_POWER", 9, Polynomial([0.0, 0.02, -0.00001], [0.5, 6.5])),
        parameter("UPTIME", 33, Unsigned),
        parameter("EDAC", 10, Unsigned),
    ]
};
