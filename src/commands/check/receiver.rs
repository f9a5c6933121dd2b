//! One receiver: its secrets, its host key and, where that is asked for, what its server lets us do.

use super::{CheckArguments, Checker, Level};
use crate::delivery::{self, Deliver, DeliveryError, Writable};
use crate::gateway::failure::Failure;
use crate::gateway::send::{error_facts, pins};
use crate::gateway::target::Aim;
use crate::notify::catalogue::{Facts, Placeholder};
use crate::roster::code::Code;
use crate::state::StateDir;

impl Checker<'_> {
    pub(super) fn target(&mut self, name: &str, arguments: &CheckArguments) {
        let aim = Aim::at(&self.scene.loaded.config, name);
        let deliver = &aim.target.deliver;
        let credentials = match deliver.credentials(self.scene.around.credentials.as_deref()) {
            Ok(credentials) => credentials,
            Err(error) => {
                return self.failure(name, &Failure::from(error).at_target(name));
            }
        };
        let reader = match StateDir::read_only(&self.scene.loaded.config.site.state) {
            Ok(reader) => reader,
            Err(error) => return self.failure(name, &error.into()),
        };
        let agreed = pins(&reader, name).unwrap_or_default();
        if let Deliver::Sftp(sftp) = deliver
            && sftp.host_keys.is_empty()
            && agreed.is_empty()
        {
            let facts = Facts::new().text(Placeholder::Target, name);
            return self.fault(
                Level::Fault,
                name,
                Code(421),
                &facts.text(Placeholder::Host, aim.receiver.host.as_str()),
            );
        }
        if !arguments.connect {
            let text =
                self.scene.ui.pick("inställd; prova med --connect", "set up; try with --connect");
            return self.line(Level::Fine, name, text);
        }
        let marker = arguments.write_probe.then(|| {
            delivery::Tag::new(
                reader.temp_prefix().unwrap_or_default().trim_end_matches('-'),
                "probe",
            )
        });
        let probed = delivery::probe(deliver, &agreed, &credentials, marker.flatten().as_ref());
        match probed {
            Ok(probe) => self.probed(name, &probe),
            Err(error) => {
                let facts = error_facts(&aim, &error);
                self.fault(Level::Fault, name, error.code(), &facts);
            }
        }
    }

    fn probed(&mut self, name: &str, probe: &delivery::Probe) {
        let ui = self.scene.ui.clone();
        if probe.folder_absent {
            let aim = Aim::at(&self.scene.loaded.config, name);
            let folder = aim.receiver.folder.clone();
            let absent = DeliveryError::Absent { action: "list", path: folder };
            return self.fault(Level::Fault, name, absent.code(), &error_facts(&aim, &absent));
        }
        let key = probe.host_key.as_ref().map(|key| key.algorithm.as_str()).unwrap_or_default();
        let listed = if probe.folder_listed {
            ui.pick("mappen finns", "the folder is there")
        } else {
            ui.pick("mappen kan inte listas", "the folder cannot be listed")
        };
        self.line(
            Level::Fine,
            name,
            &format!("{} {key}, {listed}", ui.pick("inloggad", "logged in")),
        );
        if !probe.extensions.is_empty() {
            let can = ui.pick("servern kan:", "the server can:");
            ui.say(format!("{:<25}{can} {}", "", probe.extensions.join(", ")));
        }
        match &probe.writable {
            None => {}
            Some(Writable::Yes) => {
                let can = ui.pick(
                    "en egen fil gick att skapa, läsa och ta bort",
                    "a file of our own could be made, read and removed",
                );
                ui.say(format!("{:<25}{can}", ""));
            }
            Some(Writable::NotReadable) => {
                self.line(
                    Level::Warning,
                    name,
                    ui.pick(
                        "kan skriva men inte läsa: ange verify = \"size\"",
                        "can write but not read: set verify = \"size\"",
                    ),
                );
            }
            Some(Writable::Taken) => {
                self.line(
                    Level::Warning,
                    name,
                    ui.pick(
                        "mottagaren tog en tillfällig fil: ange temp-folder",
                        "the receiver took a temporary file: set temp-folder",
                    ),
                );
            }
            Some(Writable::No(why)) => {
                let facts = Facts::new().text(Placeholder::Target, name);
                self.fault(Level::Fault, name, Code(412), &facts.text(Placeholder::Detail, why));
            }
        }
    }
}
