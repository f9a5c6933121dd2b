//! Requests and their answers: the true ones, and what a turn of the script makes of them.

use std::collections::HashMap;

use super::receiver::{File, Receiver};
use super::script::Turn;

/// The longest listing that is ever begun, in bytes: a client that asks for more has no end.
pub const MOST_LISTED: usize = 40 << 20;

/// Handles and what they stand for.
pub type Open = HashMap<Vec<u8>, Handle>;

/// What a handle stands for.
#[derive(Clone)]
pub enum Handle {
    /// A file.
    File(String),
    /// A folder, and whether its names have been told.
    Folder(String, bool),
}

/// A request, as far as everybody needs it.
struct Request<'a> {
    kind: u8,
    id: [u8; 4],
    rest: &'a [u8],
}

impl<'a> Request<'a> {
    fn new(packet: &'a [u8]) -> Request<'a> {
        let id =
            packet.get(1..5).and_then(|id| id.try_into().ok()).expect("a request has a number");
        Request { kind: packet[0], id, rest: &packet[5..] }
    }

    fn text(&mut self) -> &'a [u8] {
        let length = self.int() as usize;
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        text
    }

    fn path(&mut self) -> String {
        String::from_utf8(self.text().to_vec()).expect("our paths are text")
    }

    fn int(&mut self) -> u32 {
        let (int, rest) = self.rest.split_first_chunk().expect("a whole request");
        self.rest = rest;
        u32::from_be_bytes(*int)
    }

    fn long(&mut self) -> usize {
        let (long, rest) = self.rest.split_first_chunk().expect("a whole request");
        self.rest = rest;
        usize::try_from(u64::from_be_bytes(*long)).expect("a place in a small file")
    }

    fn answer(&self, kind: u8, body: &[&[u8]]) -> Vec<u8> {
        [&[&[kind][..], &self.id], body].concat().concat()
    }

    fn status(&self, code: u8) -> Vec<u8> {
        self.answer(101, &[&[0, 0, 0, code], &framed(b"a server's words"), &[0; 4]])
    }

    fn attrs(&self, file: &File) -> Vec<u8> {
        self.answer(105, &[&attributes(file)])
    }
}

fn attributes(file: &File) -> Vec<u8> {
    let size = (file.content.len() as u64).to_be_bytes();
    [&[0, 0, 0, 9][..], &size, &[0; 4], &file.mtime.to_be_bytes()].concat()
}

/// The kind of a request; both ways to rename are one.
pub fn kind(packet: &[u8]) -> u8 {
    let extended = packet.get(9..).is_some_and(|rest| rest.starts_with(b"posix-rename"));
    if packet[0] == 200 && extended { 18 } else { packet[0] }
}

/// Bytes with their length before them.
pub fn framed(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("no packet comes near 4 GB");
    [&length.to_be_bytes()[..], bytes].concat()
}

/// The opening of the conversation.
pub fn version(posix_rename: bool, extensions: bool) -> Vec<u8> {
    let mut answer = vec![2, 0, 0, 0, 3];
    let offered = [
        ("posix-rename@openssh.com", posix_rename),
        ("fsync@openssh.com", extensions),
        ("statvfs@openssh.com", extensions),
        ("limits@openssh.com", extensions),
    ];
    for (name, _) in offered.iter().filter(|(_, offered)| *offered) {
        answer.extend([framed(name.as_bytes()), framed(b"1")].concat());
    }
    answer
}

/// Does what is asked, and answers.
pub fn respond(packet: &[u8], open: &mut Open, at: &mut Receiver) -> Vec<u8> {
    let mut request = Request::new(packet);
    match request.kind {
        3 | 11 => opened(&mut request, open, at),
        4 => {
            let known = open.remove(request.text()).is_some();
            at.take();
            request.status(if known { 0 } else { 4 })
        }
        5 => read(&mut request, open, at),
        6 => write(&mut request, open, at),
        8 => match open.get(request.text()).and_then(|h| file_of(h, at)) {
            Some(file) => request.attrs(file),
            None => request.status(4),
        },
        12 => list(&mut request, open, at),
        13 => {
            let path = request.path();
            at.touch(&path);
            let code = if at.files.remove(&path).is_some() { 0 } else { 2 };
            at.changed();
            request.status(code)
        }
        17 => {
            let path = request.path();
            let folder = [super::receiver::FOLDER, super::receiver::TEMPS].contains(&&*path);
            match at.files.get(&path) {
                Some(file) => request.attrs(file),
                None if folder => request.answer(105, &[&[0; 4]]),
                None => request.status(2),
            }
        }
        18 => {
            let (from, to) = (request.path(), request.path());
            let taken = at.files.contains_key(&to);
            request.status(if taken { 4 } else { rename(&from, &to, at) })
        }
        200 => extended(&mut request, open, at),
        _ => request.status(8),
    }
}

fn opened(request: &mut Request<'_>, open: &mut Open, at: &mut Receiver) -> Vec<u8> {
    let path = request.path();
    let folder = request.kind == 11;
    let flags = if folder { 0 } else { request.int() };
    if flags & 2 != 0 {
        at.touch(&path);
        if flags & 32 != 0 && at.files.contains_key(&path) {
            return request.status(4);
        }
        let mtime = at.tick();
        let file = at.files.entry(path.clone()).or_insert(File { content: Vec::new(), mtime });
        file.content.clear();
        file.mtime = mtime;
        at.changed();
    } else if !folder && !at.files.contains_key(&path) {
        return request.status(2);
    }
    // No text in any encoding.
    let handle = [&[0xff, 0x80, 0][..], &request.id].concat();
    open.insert(
        handle.clone(),
        if folder { Handle::Folder(path, false) } else { Handle::File(path) },
    );
    request.answer(102, &[&framed(&handle)])
}

fn file_of<'a>(handle: &Handle, at: &'a Receiver) -> Option<&'a File> {
    let Handle::File(path) = handle else { return None };
    at.files.get(path)
}

fn read(request: &mut Request<'_>, open: &Open, at: &Receiver) -> Vec<u8> {
    let Some(file) = open.get(request.text()).and_then(|h| file_of(h, at)) else {
        return request.status(4);
    };
    let (from, length) = (request.long(), request.int() as usize);
    let to = file.content.len().min(from + length);
    match file.content.get(from..to).filter(|part| !part.is_empty()) {
        None => request.status(1),
        Some(part) => request.answer(103, &[&framed(part)]),
    }
}

fn write(request: &mut Request<'_>, open: &Open, at: &mut Receiver) -> Vec<u8> {
    let Some(Handle::File(path)) = open.get(request.text()).cloned() else {
        return request.status(4);
    };
    let (from, part) = (request.long(), request.text());
    at.touch(&path);
    let mtime = at.tick();
    let Some(file) = at.files.get_mut(&path) else { return request.status(4) };
    file.content.resize(file.content.len().max(from + part.len()), 0);
    file.content[from..from + part.len()].copy_from_slice(part);
    file.mtime = mtime;
    at.changed();
    request.status(0)
}

fn rename(from: &str, to: &str, at: &mut Receiver) -> u8 {
    at.touch(from);
    at.touch(to);
    let Some(file) = at.files.remove(from) else { return 2 };
    at.files.insert(to.to_owned(), file);
    at.changed();
    at.take();
    0
}

fn list(request: &mut Request<'_>, open: &mut Open, at: &mut Receiver) -> Vec<u8> {
    let Some(Handle::Folder(folder, told)) = open.get_mut(request.text()) else {
        return request.status(4);
    };
    if std::mem::replace(told, true) {
        return request.status(1);
    }
    let inside = |path: &&String| path.rsplit_once('/').is_some_and(|(at, _)| at == folder);
    let files: Vec<(&[u8], &File)> = at
        .files
        .iter()
        .filter(|(path, _)| inside(path))
        .map(|(path, file)| (&path.as_bytes()[folder.len() + 1..], file))
        .collect();
    names(request.id, &files)
}

fn names(id: [u8; 4], files: &[(&[u8], &File)]) -> Vec<u8> {
    let count = u32::try_from(files.len()).expect("few").to_be_bytes();
    let mut answer = [&[104][..], &id, &count].concat();
    for (name, file) in files {
        answer.extend([framed(name), framed(name), attributes(file)].concat());
    }
    answer
}

fn extended(request: &mut Request<'_>, open: &mut Open, at: &mut Receiver) -> Vec<u8> {
    let longs =
        |longs: &[u64]| longs.iter().flat_map(|long| long.to_be_bytes()).collect::<Vec<u8>>();
    match request.text() {
        b"posix-rename@openssh.com" => {
            let (from, to) = (request.path(), request.path());
            request.status(rename(&from, &to, at))
        }
        b"fsync@openssh.com" => {
            let known = open.contains_key(request.text());
            request.status(if known { 0 } else { 4 })
        }
        b"statvfs@openssh.com" => request.answer(201, &[&longs(&[4096; 11])]),
        b"limits@openssh.com" => request.answer(201, &[&longs(&[262_144, 20_000, 20_000, 0])]),
        _ => request.status(8),
    }
}

/// What is done and answered at a turn of the script.
pub fn turned(turn: Turn, packet: &mut [u8], open: &mut Open, at: &mut Receiver) -> Vec<u8> {
    let request = Request::new(packet);
    let id = request.id;
    match turn {
        // A request that says no to a question about what is there would be a lie.
        Turn::Refuse(code) => {
            let codes = [3, 4, 5, 8, 11, 12, 14, 15, 99];
            return request.status(codes[usize::from(code) % codes.len()]);
        }
        Turn::Lose => {
            at.spoilt = true;
            return request.status(0);
        }
        Turn::Yes => return request.status(0),
        Turn::Absent => return request.status(2),
        Turn::Flip(bit) => {
            if let Some(last) = packet.last_mut() {
                *last ^= 1 << (bit % 8);
                at.spoilt = true;
            }
        }
        Turn::Endless => {
            if at.listed > MOST_LISTED {
                at.broken.push("a listing without end was read on".to_owned());
                return request.status(1);
            }
            let file = File { content: Vec::new(), mtime: 1 };
            let answer = names(id, &[(&vec![b'x'; 100_000], &file)]);
            at.listed += answer.len();
            return answer;
        }
        _ => {}
    }
    let answer = respond(packet, open, at);
    bent(turn, answer, id)
}

/// A true answer, bent.
fn bent(turn: Turn, mut answer: Vec<u8>, id: [u8; 4]) -> Vec<u8> {
    match turn {
        Turn::No(code) => [&[101][..], &id, &[0, 0, 0, code]].concat(),
        Turn::Stray(by) => {
            answer[4] = answer[4].wrapping_add(by.max(1));
            answer
        }
        Turn::Kind(kind) => {
            answer[0] = [101, 102, 103, 104, 105, 201, 2][usize::from(kind % 7)];
            answer
        }
        Turn::Noise(length) => (0..length).map(|at| at.wrapping_mul(length)).collect(),
        Turn::Attrs(by) if answer[0] == 105 && answer.len() > 20 => {
            let at = if by % 2 == 0 { 16 } else { 24 };
            answer[at] = answer[at].wrapping_add(by.max(1));
            answer
        }
        Turn::Names(which) if answer[0] == 104 => {
            let names: [&[u8]; 6] = [
                b"./../etc/.x.inst1.P-0.part",
                b".../../in/elever.xlsx/.inst1.P-0.part",
                b".\xff.inst1.P-0.part",
                b"..inst1.P-0.part",
                b".ims.xml.inst1.P-1.part",
                b"../elever.xlsx",
            ];
            let old = File { content: Vec::new(), mtime: 1 };
            answer[8] = answer[8].wrapping_add(1);
            let name = names[usize::from(which) % names.len()];
            answer.extend([framed(name), framed(b"-"), attributes(&old)].concat());
            answer
        }
        Turn::Length(by) if answer[0] == 103 => {
            let data = &answer[9..];
            let length = match by % 4 {
                0 => 0,
                1 => data.len() / 2,
                2 => data.len() + 1,
                _ => data.len().min(usize::from(by)),
            };
            let data: Vec<u8> = data.iter().copied().chain([0]).take(length).collect();
            [&[103][..], &id, &framed(&data)].concat()
        }
        Turn::Data if answer[0] == 103 => {
            answer[9] ^= 0x40;
            answer
        }
        _ => answer,
    }
}
