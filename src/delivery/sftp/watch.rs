//! Progress is watched, not totals: a national roster may take its time, a stuck one may not.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::delivery::error::DeliveryError;

/// Over this long, …
const WINDOW: Duration = Duration::from_secs(120);
/// … at least this many bytes a second must pass.
const FLOOR: u64 = 1000;

/// Measures a connection's progress.
pub(super) struct Watch {
    host: String,
    idle: Duration,
    deadline: Instant,
    total: Duration,
    window: Duration,
    moved: Instant,
    bytes: u64,
    mark: (Instant, u64),
}

impl Watch {
    pub(super) fn new(host: &str, idle: Duration, total: Duration, deadline: Instant) -> Watch {
        let now = Instant::now();
        Watch {
            host: host.to_owned(),
            idle,
            deadline,
            total,
            window: WINDOW,
            moved: now,
            bytes: 0,
            mark: (now, 0),
        }
    }

    /// Begins to measure anew, at the start of a transfer.
    pub(super) fn start(&mut self) {
        self.moved = Instant::now();
        self.mark = (self.moved, self.bytes);
    }

    /// So many bytes have got through.
    pub(super) fn moved(&mut self, bytes: u64) {
        self.moved = Instant::now();
        self.bytes += bytes;
    }

    /// Waits for the answer to a single request.
    pub(super) async fn answer<T>(
        &self,
        doing: &'static str,
        wait: impl Future<Output = Result<T, DeliveryError>>,
    ) -> Result<T, DeliveryError> {
        self.single(doing, self.idle, wait).await
    }

    /// Waits for a request that makes the server write to its disk, which may take long.
    pub(super) async fn disk<T>(
        &self,
        doing: &'static str,
        wait: impl Future<Output = Result<T, DeliveryError>>,
    ) -> Result<T, DeliveryError> {
        self.single(doing, self.idle * 5, wait).await
    }

    async fn single<T>(
        &self,
        doing: &'static str,
        patience: Duration,
        wait: impl Future<Output = Result<T, DeliveryError>>,
    ) -> Result<T, DeliveryError> {
        let until = Instant::now() + patience;
        match timeout_at(until.min(self.deadline), wait).await {
            Ok(done) => done,
            Err(_) if Instant::now() < until => Err(self.out_of_time()),
            Err(_) => Err(self.too_slow(doing, format!("no answer in {} s", patience.as_secs()))),
        }
    }

    /// Waits for a part of a transfer.
    pub(super) async fn transfer<T>(
        &mut self,
        doing: &'static str,
        wait: impl Future<Output = Result<T, DeliveryError>>,
    ) -> Result<T, DeliveryError> {
        tokio::pin!(wait);
        loop {
            let (silent, judged) = (self.moved + self.idle, self.mark.0 + self.window);
            if let Ok(done) = timeout_at(silent.min(judged).min(self.deadline), &mut wait).await {
                return done;
            }
            let now = Instant::now();
            if now >= self.deadline {
                return Err(self.out_of_time());
            }
            if now >= silent {
                return Err(self.too_slow(doing, format!("no byte in {} s", self.idle.as_secs())));
            }
            let passed = self.bytes - self.mark.1;
            if passed < FLOOR * self.window.as_secs().max(1) {
                let fault = format!("{passed} bytes in {} s", self.window.as_secs());
                return Err(self.too_slow(doing, fault));
            }
            self.mark = (now, self.bytes);
        }
    }

    fn too_slow(&self, doing: &'static str, fault: String) -> DeliveryError {
        DeliveryError::TooSlow { host: self.host.clone(), doing, fault }
    }

    fn out_of_time(&self) -> DeliveryError {
        DeliveryError::OutOfTime { host: self.host.clone(), seconds: self.total.as_secs() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(watch: impl Future<Output = Result<(), DeliveryError>>) -> u16 {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build().unwrap();
        runtime.block_on(watch).map_or_else(|e| e.code().0, |()| 0)
    }

    fn watch(idle: u64, total: u64) -> Watch {
        let total = Duration::from_millis(total);
        Watch::new("h", Duration::from_millis(idle), total, Instant::now() + total)
    }

    #[test]
    fn silence_and_the_end_of_time_are_told_apart() {
        let never = || std::future::pending::<Result<(), DeliveryError>>();
        assert_eq!(run(async { watch(20, 9000).transfer("write", never()).await }), 415);
        let out = async {
            let error = watch(9000, 20).answer("stat", never()).await.unwrap_err();
            assert!(matches!(error, DeliveryError::OutOfTime { .. }));
            Ok(())
        };
        assert_eq!(run(out), 0);
    }

    #[test]
    fn a_trickle_is_stopped_and_a_flow_is_not() {
        let flow = |bytes: u64| async move {
            let mut watch = watch(9000, 9000);
            watch.window = Duration::from_millis(200);
            for _ in 0..12 {
                let step = async {
                    tokio::time::sleep(Duration::from_millis(40)).await;
                    Ok(())
                };
                watch.transfer("write", step).await?;
                watch.moved(bytes);
            }
            Ok(())
        };
        assert_eq!(run(flow(1)), 415);
        assert_eq!(run(flow(10_000)), 0);
    }
}
