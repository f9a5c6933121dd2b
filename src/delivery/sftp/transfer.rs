//! Whole files up and down, many requests under way at once.
//!
//! One request at a time reaches a twentieth of OpenSSH's speed at a distance. Memory stays
//! bounded: a chunk is read from the source when there is room for it on the way.

use std::collections::VecDeque;
use std::io::Read;

use super::client::{Client, Pending};
use super::packet::{Answer, kind, status};
use super::watch::Watch;
use crate::delivery::error::DeliveryError;
use crate::delivery::remote::unreadable;

/// Requests under way at once.
const UNDER_WAY: usize = 64;
/// Bytes in each: with its head it fits into one SSH packet.
pub(super) const CHUNK: usize = 32_000;

/// Why a transfer stopped: an error, or the server's status for the caller to put into words.
pub(super) enum Stop {
    Error(DeliveryError),
    Status(u32, Vec<u8>),
}

impl From<DeliveryError> for Stop {
    fn from(error: DeliveryError) -> Stop {
        Stop::Error(error)
    }
}

/// Sends all `size` bytes of `source` to an open file and waits until each is acknowledged.
pub(super) async fn upload(
    client: &mut Client,
    watch: &mut Watch,
    handle: &[u8],
    chunk: usize,
    source: &mut dyn Read,
    size: u64,
    sent: &mut dyn FnMut(u64),
) -> Result<(), Stop> {
    let mut under_way: VecDeque<(Pending, u64)> = VecDeque::with_capacity(UNDER_WAY);
    let mut buffer = vec![0; chunk];
    let (mut offset, mut acknowledged) = (0, 0);
    // The file is open, and with that empty.
    sent(0);
    watch.start();
    while acknowledged < size {
        while offset < size && under_way.len() < UNDER_WAY {
            let length = chunk.min(usize::try_from(size - offset).unwrap_or(chunk));
            let part = &mut buffer[..length];
            source.read_exact(part).map_err(|e| unreadable("", e))?;
            let request = client.request(kind::WRITE).text(handle).long(offset).text(part);
            let pending = watch.transfer("write", client.send("write", request)).await?;
            under_way.push_back((pending, length as u64));
            offset += length as u64;
        }
        let Some((pending, length)) = under_way.pop_front() else { break };
        match watch.transfer("write", pending.answer()).await? {
            Answer::Status { code: status::OK, .. } => {}
            Answer::Status { code, text } => return Err(Stop::Status(code, text)),
            _ => return Err(client.fault("write: an answer of the wrong kind").into()),
        }
        watch.moved(length);
        acknowledged += length;
        sent(acknowledged);
    }
    Ok(())
}

/// Reads an open file, in order, until its end or `limit` bytes; returns how many there were.
pub(super) async fn download(
    client: &mut Client,
    watch: &mut Watch,
    handle: &[u8],
    chunk: usize,
    limit: u64,
    take: &mut dyn FnMut(&[u8]),
) -> Result<u64, Stop> {
    let mut under_way: VecDeque<(Pending, usize)> = VecDeque::with_capacity(UNDER_WAY);
    let (mut chunk, mut asked, mut got) = (chunk, 0, 0);
    watch.start();
    loop {
        while asked < limit && under_way.len() < UNDER_WAY {
            let length = chunk.min(usize::try_from(limit - asked).unwrap_or(chunk));
            let wanted = u32::try_from(length).expect("a chunk is small");
            let request = client.request(kind::READ).text(handle).long(asked).int(wanted);
            let pending = watch.transfer("read", client.send("read", request)).await?;
            under_way.push_back((pending, length));
            asked += length as u64;
        }
        let Some((pending, length)) = under_way.pop_front() else { return Ok(got) };
        let data = match watch.transfer("read", pending.answer()).await? {
            Answer::Data(data) if !data.is_empty() && data.len() <= length => data,
            Answer::Status { code: status::EOF, .. } => return Ok(got),
            Answer::Status { code, text } => return Err(Stop::Status(code, text)),
            _ => return Err(client.fault("read: an answer of the wrong kind or length").into()),
        };
        take(&data);
        watch.moved(data.len() as u64);
        got += data.len() as u64;
        if data.len() < length {
            // The server gives less at a time, or this was the end: what was asked for beyond is
            // thrown away and asked for again from where we are.
            for (late, _) in under_way.drain(..) {
                watch.transfer("read", late.answer()).await?;
            }
            chunk = data.len().max(512);
            asked = got;
        }
    }
}
