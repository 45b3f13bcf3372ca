//! An interrupt brings octets, a queue carries them over, the main loop makes packets and parameters of them, and the program
//! compares what came out with what the simulator says was sent.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() {}

#[cfg(target_os = "none")]
mod firmware {
    use heapless::spsc::{Consumer, Producer, Queue};
    use mcu::answer::{Answer, ChannelAnswer};
    use mcu::board;
    use mcu::link::Chain;
    use mcu::local::Local;

    mcu::start!(run);

    /// What the receiver of the modem would hand over.
    static RECORDING: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/recording.bin"));
    include!(concat!(env!("OUT_DIR"), "/truth.rs"));

    /// Between the interrupt and the main loop: what arrives while a frame is corrected.
    static QUEUE: Local<Queue<u8, 512>> = Local::new(Queue::new());
    // SAFETY: the only call.
    static CHAIN: Local<Chain> = Local::new(unsafe { Chain::new() });
    static LINE: Local<Option<Line>> = Local::new(None);

    /// The end of the queue that the interrupt fills, and what is still to come.
    struct Line {
        producer: Producer<'static, u8>,
        rest: &'static [u8],
    }

    impl Line {
        /// What an interrupt brings: some octets, as many as the queue has room for.
        fn interrupt(&mut self) {
            for _ in 0..OCTETS_PER_INTERRUPT {
                let Some((octet, rest)) = self.rest.split_first() else { return };
                if self.producer.enqueue(*octet).is_err() {
                    return;
                }
                self.rest = rest;
            }
        }
    }

    const OCTETS_PER_INTERRUPT: usize = 16;

    #[cfg(target_arch = "arm")]
    #[board::exception]
    fn SysTick() {
        // SAFETY: from the moment that ticks are started, only this interrupt looks at the line.
        if let Some(line) = unsafe { LINE.take() } {
            line.interrupt();
        }
    }

    fn run() -> ! {
        // SAFETY: this function runs once.
        let chain = unsafe { CHAIN.take() };
        // SAFETY: the only use of the queue; its ends are distinct.
        let (producer, mut consumer) = unsafe { QUEUE.take() }.split();
        // SAFETY: no interrupt comes yet.
        unsafe { *LINE.take() = Some(Line { producer, rest: RECORDING }) };
        #[cfg(target_arch = "arm")]
        board::start_ticks(500, true);
        let mut received = 0;
        while received < RECORDING.len() {
            received += drain(&mut consumer, chain);
        }
        report(&chain.finish(), chain.accounted())
    }

    /// Take what is in the queue.
    fn drain(consumer: &mut Consumer<'static, u8>, chain: &mut Chain) -> usize {
        #[cfg(target_arch = "arm")]
        board::sleep();
        #[cfg(not(target_arch = "arm"))]
        // SAFETY: no interrupt on this board: the only use.
        if let Some(line) = unsafe { LINE.take() } {
            line.interrupt();
        }
        let (mut octets, mut len) = ([0; 64], 0);
        for (slot, octet) in octets.iter_mut().zip(core::iter::from_fn(|| consumer.dequeue())) {
            *slot = octet;
            len += 1;
        }
        chain.push(octets.get(..len).unwrap_or_default());
        len
    }

    fn report(answer: &Answer, accounted: u64) -> ! {
        for channel in &answer.channels {
            number("packets ", channel.packets);
            number(", gaps ", channel.gaps);
            number(", missing ", channel.missing);
            number(", repeats ", channel.repeats);
            board::print("\n");
        }
        number("parameters ", answer.parameters);
        number(", alarms ", answer.alarms);
        number(", octets ", answer.octets);
        #[cfg(target_arch = "arm")]
        number(", stack ", board::stack_used());
        board::print("\n");
        // Every octet must be in an account, too.
        let ok = *answer == TRUTH && accounted == RECORDING.len() as u64;
        board::print(if ok { "PASS\n" } else { "FAIL\n" });
        board::exit(ok)
    }

    fn number(name: &str, number: u32) {
        board::print(name);
        board::print_number(number);
    }

    mcu::no_panic!();
}
