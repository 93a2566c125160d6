//! All settings of the server, each a flag and an environment variable.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use crate::auth::OrganiserToken;
use crate::bucket::BucketOptions;
use crate::serve::CertificateFiles;
use crate::telemetry::LogFormat;

/// What `keruen serve` needs to know. Read once, at the start.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one, which the log names
    #[arg(long, env = "KERUEN_ADDRESS", default_value = "127.0.0.1:8080")]
    pub address: SocketAddr,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,

    /// The certificate to speak HTTPS with, and those that lead from it to a root, as PEM; without it plain
    /// HTTP, for a proxy in front
    #[arg(
        long,
        env = "KERUEN_TLS_CERTIFICATE",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_certificate: Option<PathBuf>,

    /// The certificate's private key, as PEM
    #[arg(
        long,
        env = "KERUEN_TLS_KEY",
        value_name = "FILE",
        requires = "tls_certificate"
    )]
    pub tls_key: Option<PathBuf>,

    /// Folder of the built client; without it only the interface for programs is served
    #[arg(long, env = "KERUEN_CLIENT", value_name = "FOLDER")]
    pub client: Option<PathBuf>,

    /// Token of the organisers, who may write to every programme: at least 128 random bits as text.
    /// Without it everybody is a visitor. Better set in the environment than as a flag, which other
    /// users of the machine can see
    #[arg(
        long,
        env = "KERUEN_ORGANISER_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        value_parser = organiser_token
    )]
    pub organiser_token: Option<OrganiserToken>,

    /// Proxies whose X-Forwarded-For header is believed, by address; nobody's by default
    #[arg(
        long = "trusted-proxy",
        env = "KERUEN_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "ADDRESS"
    )]
    pub trusted_proxies: Vec<IpAddr>,

    /// Requests that one device, and one token, may make per second in the long run; 0 does not limit them
    #[arg(
        long,
        env = "KERUEN_DEVICE_RATE",
        default_value_t = 10,
        value_name = "PER_SECOND"
    )]
    pub device_rate: u32,

    /// Requests that one address may make per second in the long run: a whole hall may be behind
    /// one; 0 does not limit it
    #[arg(
        long,
        env = "KERUEN_ADDRESS_RATE",
        default_value_t = 200,
        value_name = "PER_SECOND"
    )]
    pub address_rate: u32,

    /// Days for which a deletion is remembered; whoever was away for longer reads everything anew
    #[arg(
        long,
        env = "KERUEN_KEPT_DAYS",
        default_value_t = 180,
        value_name = "DAYS",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub kept_days: u32,

    /// Connections that may be open at all; the process needs as many files and some more
    #[arg(
        long,
        env = "KERUEN_CONNECTIONS",
        default_value_t = 5_000,
        value_name = "NUMBER"
    )]
    pub connections: usize,

    /// Connections of one address among them: a whole hall may be behind one. Proxies that are trusted
    /// are not counted
    #[arg(
        long,
        env = "KERUEN_ADDRESS_CONNECTIONS",
        default_value_t = 3_000,
        value_name = "NUMBER"
    )]
    pub address_connections: usize,

    /// Connections that may be kept open for hints; further devices ask once a minute instead
    #[arg(
        long,
        env = "KERUEN_LIVE_CONNECTIONS",
        default_value_t = 2_000,
        value_name = "NUMBER"
    )]
    pub live_connections: usize,

    /// Connections of one address among them: a whole hall may be behind one
    #[arg(
        long,
        env = "KERUEN_LIVE_ADDRESS_CONNECTIONS",
        default_value_t = 500,
        value_name = "NUMBER"
    )]
    pub live_address_connections: usize,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub upload_limits: UploadLimits,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub bucket: BucketOptions,

    /// What to log: a level such as `info`, or levels by module such as `info,keruen_server=debug`
    #[arg(
        long,
        env = "KERUEN_LOG",
        default_value = "info",
        value_name = "LEVELS"
    )]
    pub log: tracing_subscriber::filter::Targets,

    /// In which form to log
    #[arg(long, env = "KERUEN_LOG_FORMAT", default_value = "human")]
    pub log_format: LogFormat,
}

impl Config {
    /// Where the certificate lies, if HTTPS is to be spoken.
    pub fn certificate_files(&self) -> Option<CertificateFiles> {
        Some(CertificateFiles {
            certificate: self.tls_certificate.clone()?,
            key: self.tls_key.clone()?,
        })
    }
}

/// How much people may send.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct UploadLimits {
    /// Bytes of a file that somebody may send
    #[arg(
        long,
        env = "KERUEN_FILE_BYTES",
        default_value_t = 1024 * 1024 * 1024,
        value_name = "BYTES"
    )]
    pub file_bytes: u64,

    /// Files that one person may be sending
    #[arg(
        long,
        env = "KERUEN_UPLOADS",
        default_value_t = 50,
        value_name = "NUMBER"
    )]
    pub uploads: usize,

    /// Bytes of all files together that are being sent, what has not come yet counted too
    #[arg(
        long,
        env = "KERUEN_UNFINISHED_BYTES",
        default_value_t = 20 * 1024 * 1024 * 1024,
        value_name = "BYTES"
    )]
    pub unfinished_bytes: u64,

    /// Bytes of all files in the notes of one person, or of one group
    #[arg(
        long,
        env = "KERUEN_NOTE_FILES_BYTES",
        default_value_t = 1024 * 1024 * 1024,
        value_name = "BYTES"
    )]
    pub note_files_bytes: u64,

    /// Hours for which the rest of a file is waited for, from its last piece on
    #[arg(
        long,
        env = "KERUEN_UPLOAD_HOURS",
        default_value_t = 72,
        value_name = "HOURS",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub upload_hours: u32,
}

impl UploadLimits {
    /// Whether a file may come beside those of so many bytes that the notes of its person or group have; `None` where
    /// that is not limited.
    pub fn has_room(&self, private_bytes: Option<u64>, size_bytes: u64) -> bool {
        private_bytes.is_none_or(|held| held.saturating_add(size_bytes) <= self.note_files_bytes)
    }
}

/// Where everything lies that the server keeps.
#[derive(Clone, Debug, clap::Args)]
pub struct DataFolder {
    /// Folder of the database and the files; made when it is not there
    #[arg(
        id = "data",
        long = "data",
        env = "KERUEN_DATA",
        default_value = "data",
        value_name = "FOLDER"
    )]
    pub path: PathBuf,
}

/// Shorter ones could be guessed. An empty variable is refused too: it is more likely a mistake than a wish.
const SHORTEST_TOKEN: usize = 22;

fn organiser_token(text: &str) -> Result<OrganiserToken, String> {
    if text.len() < SHORTEST_TOKEN {
        return Err(format!(
            "a token needs {SHORTEST_TOKEN} characters or more; `openssl rand -base64 32` makes one"
        ));
    }
    text.parse().map_err(|never| match never {})
}
