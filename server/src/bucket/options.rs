use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

/// Which bucket, and how to get into it.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct BucketOptions {
    /// Bucket of a service that speaks S3, in which files rest; without it they stay in the data folder
    #[arg(long, env = "KERUEN_BUCKET", value_name = "NAME")]
    pub bucket: Option<String>,

    /// Address of the service; without it, that of Amazon in the region
    #[arg(
        long,
        env = "KERUEN_BUCKET_ENDPOINT",
        value_name = "URL",
        requires = "bucket"
    )]
    pub bucket_endpoint: Option<String>,

    /// Region of the bucket, as the service calls it
    #[arg(
        long,
        env = "KERUEN_BUCKET_REGION",
        value_name = "REGION",
        default_value = "us-east-1"
    )]
    pub bucket_region: String,

    /// What the names of Keruen's files in the bucket begin with
    #[arg(
        long,
        env = "KERUEN_BUCKET_PREFIX",
        value_name = "PATH",
        default_value = "files"
    )]
    pub bucket_prefix: String,

    /// Identifier of the key
    #[arg(
        long,
        env = "KERUEN_BUCKET_KEY",
        value_name = "KEY",
        requires = "bucket"
    )]
    pub bucket_key: Option<String>,

    /// File with the key's secret
    #[arg(
        long,
        env = "KERUEN_BUCKET_SECRET_FILE",
        value_name = "FILE",
        requires = "bucket_key",
        conflicts_with = "bucket_secret"
    )]
    pub bucket_secret_file: Option<PathBuf>,

    /// The key's secret. Better in the variable or a file than on the command line, where others can read it
    #[arg(
        long,
        env = "KERUEN_BUCKET_SECRET",
        hide_env_values = true,
        value_name = "SECRET",
        requires = "bucket_key"
    )]
    pub bucket_secret: Option<Secret>,
}

/// A secret that is given to a service, and shown to nobody.
#[derive(Clone, Default)]
pub struct Secret(String);

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl BucketOptions {
    /// Whether the operator asked for a connection that anybody on the way can read, as on a machine of their own.
    pub(super) fn is_in_clear(&self) -> bool {
        let endpoint = self.bucket_endpoint.as_deref();
        endpoint.is_some_and(|url| url.starts_with("http://"))
    }

    /// The key, and its secret; `None` for a bucket that anybody may use.
    pub(super) fn keys(&self) -> io::Result<Option<(&str, String)>> {
        let Some(key) = self.bucket_key.as_deref() else {
            return Ok(None);
        };
        let secret = match (&self.bucket_secret, &self.bucket_secret_file) {
            (Some(secret), _) => secret.0.clone(),
            (None, Some(file)) => fs::read_to_string(file)?.trim().to_owned(),
            (None, None) => {
                let missing = "the bucket's key has no secret";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, missing));
            }
        };
        Ok(Some((key, secret)))
    }
}
