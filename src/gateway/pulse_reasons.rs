//! Why the heartbeat did not arrive, as a message's code and facts. Nothing of its address is told.

use super::reasons::{because, of_secret, of_system};
use crate::notify::catalogue::Facts;
use crate::notify::heartbeat::HeartbeatError;
use crate::roster::code::Code;
use crate::secrets::SecretError;

/// A message about the heartbeat.
pub type Unheard = (Code, Facts);

/// RG125: the secret with the heartbeat's address cannot be had.
pub fn without_address(error: &SecretError) -> Unheard {
    (Code(125), of_secret(error))
}

/// RG119: the heartbeat did not arrive.
pub fn unheard(error: &HeartbeatError) -> Unheard {
    (Code(119), of_heartbeat(error))
}

fn of_heartbeat(error: &HeartbeatError) -> Facts {
    let sv = match error {
        HeartbeatError::Address => {
            "hemligheten är ingen adress; skriv den som https://värd/sökväg, utan användarnamn"
                .to_owned()
        }
        HeartbeatError::Silent(kind) => return of_system(Facts::new(), &(*kind).into()),
        HeartbeatError::Late(seconds) => format!("inget svar inom {seconds} s"),
        HeartbeatError::NoHost => "det finns ingen server med det namnet".to_owned(),
        HeartbeatError::Strange => "svaret är inte en webbservers".to_owned(),
        HeartbeatError::Untrusted => "certifikatet godtas inte".to_owned(),
        HeartbeatError::Unencrypted => "krypteringen gick inte att komma överens om".to_owned(),
        HeartbeatError::Refused(number) => format!("servern svarade {number}"),
    };
    because(Facts::new(), sv, error.to_string())
}
