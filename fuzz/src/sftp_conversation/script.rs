//! What goes wrong in a conversation, read from bytes: `gap, kind, argument` and again, and when
//! they are at their end nothing does any more.

use std::collections::VecDeque;

/// How the receiver is set up and what it has.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is one switch of a receiver")]
pub struct Setup {
    /// `publish`: renamed, straight to its name, or several files and a marker.
    pub publish: &'static str,
    /// `verify = "size"`.
    pub only_size: bool,
    /// `pickup = "expected"`.
    pub expected: bool,
    /// Files of yesterday are there.
    pub yesterday: bool,
    /// The server can rename over a file.
    pub posix_rename: bool,
    /// The server has the other extensions that we know of.
    pub extensions: bool,
    /// Temporary files lie in a folder of their own.
    pub temp_folder: bool,
    /// The receiver takes every file that appears.
    pub takes: bool,
    /// Bytes of a document.
    pub size: usize,
    /// How many more tries there are.
    pub tries: usize,
    /// The receiver is only looked at.
    pub look: bool,
}

/// What goes wrong at one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// The connection ends, before or after it is done.
    Drop { done: bool },
    /// It is not done, and that is said, with a code.
    Refuse(u8),
    /// One byte of what is written is another one.
    Flip(u8),
    /// What is written goes nowhere, and the answer is yes.
    Lose,
    /// The answer ends in its middle, and the connection with it.
    Cut(u8),
    /// The answer is to another request.
    Stray(u8),
    /// The answer comes twice.
    Twice,
    /// The answer waits until nothing more is asked.
    Late,
    /// The answer says that it is longer than any.
    Huge,
    /// The answer is so many bytes that mean nothing.
    Noise(u8),
    /// The answer is of another kind.
    Kind(u8),
    /// A size or a time is another one.
    Attrs(u8),
    /// A listing has more names than there are files.
    Names(u8),
    /// A listing never ends, and each of its names is long.
    Endless,
    /// Data is shorter than asked for, or longer, or nothing.
    Length(u8),
    /// The answer arrives in pieces.
    Pieces,
    /// LIE: yes is said, and nothing is done.
    Yes,
    /// LIE: it is done, and no is said.
    No(u8),
    /// LIE: there is no such file.
    Absent,
    /// LIE: data is other data.
    Data,
}

impl Turn {
    /// Whether a server that does so says the opposite of what it did: then only the mildest laws
    /// can hold.
    pub fn is_lie(self) -> bool {
        matches!(self, Turn::Yes | Turn::No(_) | Turn::Absent | Turn::Data)
    }

    /// Whether it means something at a request of this kind; it waits for one that it does.
    fn fits(self, kind: u8) -> bool {
        match self {
            Turn::Flip(_) | Turn::Lose => kind == 6,
            Turn::Attrs(_) => matches!(kind, 8 | 17),
            Turn::Names(_) | Turn::Endless => kind == 12,
            Turn::Length(_) | Turn::Data => kind == 5,
            Turn::Yes => !matches!(kind, 1 | 3 | 5 | 8 | 11 | 12 | 17),
            Turn::Refuse(_) | Turn::No(_) | Turn::Absent => kind != 1,
            _ => true,
        }
    }

    fn of(kind: u8, argument: u8) -> Turn {
        match kind % 22 {
            0 => Turn::Drop { done: false },
            1 => Turn::Drop { done: true },
            2 | 3 => Turn::Refuse(argument),
            4 => Turn::Flip(argument),
            5 => Turn::Lose,
            6 => Turn::Cut(argument),
            7 => Turn::Stray(argument),
            8 => Turn::Twice,
            9 => Turn::Late,
            10 => Turn::Huge,
            11 => Turn::Noise(argument),
            12 => Turn::Kind(argument),
            13 => Turn::Attrs(argument),
            14 => Turn::Names(argument),
            15 => Turn::Endless,
            16 => Turn::Length(argument),
            17 => Turn::Pieces,
            18 => Turn::Yes,
            19 => Turn::No(argument),
            20 => Turn::Absent,
            _ => Turn::Data,
        }
    }
}

/// What is still to go wrong.
pub struct Script {
    bytes: VecDeque<u8>,
    next: Option<(Gap, Turn)>,
}

/// What passes before a turn.
#[derive(Clone, Copy)]
enum Gap {
    /// So many requests.
    Requests(u8),
    /// Everything before the next new name: there most is at stake.
    Rename,
}

impl Script {
    /// Reads the set-up and begins the script.
    pub fn new(bytes: &[u8]) -> (Setup, Script) {
        let at = |place: usize| bytes.get(place).copied().unwrap_or_default();
        let (first, second) = (at(0), at(1));
        let setup = Setup {
            publish: ["rename", "rename", "direct", "done-file"][usize::from(first & 3)],
            only_size: first & 4 != 0,
            expected: first & 8 != 0,
            yesterday: first & 16 != 0,
            posix_rename: first & 32 != 0,
            extensions: first & 64 != 0,
            temp_folder: first & 128 != 0,
            // A receiver that takes files is said to be one.
            takes: second & 64 != 0 && first & 8 != 0,
            size: [700, 0, 1, 33_000, 70_000][usize::from(second % 5)],
            tries: usize::from(second / 8 % 3),
            look: second >= 224,
        };
        let mut script = Script { bytes: bytes.iter().skip(2).copied().collect(), next: None };
        script.advance();
        (setup, script)
    }

    fn advance(&mut self) {
        let mut byte = || self.bytes.pop_front();
        self.next = byte().zip(byte()).map(|(gap, kind)| {
            let argument = byte().unwrap_or_default();
            (
                if gap < 200 { Gap::Requests(gap % 24) } else { Gap::Rename },
                Turn::of(kind, argument),
            )
        });
    }

    /// What goes wrong at the next request, which is of this kind.
    pub fn turn(&mut self, kind: u8) -> Option<Turn> {
        let (gap, turn) = self.next.as_mut()?;
        match gap {
            Gap::Requests(0) if turn.fits(kind) => {}
            Gap::Rename if kind == 18 && turn.fits(kind) => {}
            Gap::Requests(left) => {
                *left = left.saturating_sub(1);
                return None;
            }
            Gap::Rename => return None,
        }
        let turn = *turn;
        // A listing that never ends is one until the end.
        if turn == Turn::Endless {
            return Some(turn);
        }
        self.advance();
        Some(turn)
    }
}
