//! Files that rest in a bucket, with a service that speaks S3 on the loopback.

use std::net::SocketAddr;
use std::time::SystemTime;

use clap::Parser as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use keruen_domain::ContentHash;
use keruen_domain::protocol::BINARY_MEDIA_TYPE;
use keruen_domain::protocol::files::Parts;
use keruen_server::bucket::moving::{Moved, move_files};
use keruen_server::bucket::{BlockingBucket, Bucket, BucketError, BucketOptions, bring};
use keruen_server::config::DataFolder;
use keruen_server::store::{self, Elsewhere, FileFolder};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_RANGE, IF_NONE_MATCH, RANGE};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::harness::*;

const PICTURE: &[u8] = b"not really a picture, but long enough for parts";
const KEY: &str = "caravan";
const SECRET: &str = "a secret that is in no log";

/// A service with one empty bucket. It is gone when this is dropped.
struct Service {
    address: SocketAddr,
    folder: TempDir,
    task: JoinHandle<()>,
}

impl Service {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keruen")).unwrap();
        let files = s3s_fs::FileSystem::new(folder.path()).unwrap();
        let mut service = s3s::service::S3ServiceBuilder::new(files);
        service.set_auth(s3s::auth::SimpleAuth::from_single(KEY, SECRET));
        let service = service.build();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = service.clone();
                connections.spawn(async move {
                    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let served = server.serve_connection(TokioIo::new(stream), service);
                    // A connection that breaks is the client's business.
                    drop(served.await);
                });
            }
        });
        Self {
            address,
            folder,
            task,
        }
    }

    fn arguments(&self, secret: &str) -> [String; 4] {
        [
            "--bucket=keruen".to_owned(),
            format!("--bucket-endpoint=http://{}", self.address),
            format!("--bucket-key={KEY}"),
            format!("--bucket-secret={secret}"),
        ]
    }

    fn options(&self, secret: &str) -> BucketOptions {
        let given = std::iter::once("keruen".to_owned()).chain(self.arguments(secret));
        Arguments::parse_from(given).bucket
    }

    fn bucket(&self) -> Bucket {
        Bucket::open(&self.options(SECRET)).unwrap().expect("named")
    }

    /// Where the service keeps a file.
    fn place(&self, sha256: &ContentHash) -> std::path::PathBuf {
        let name = sha256.to_string();
        let (begin, rest) = name.split_at(2);
        self.folder
            .path()
            .join("keruen/files")
            .join(begin)
            .join(rest)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    bucket: BucketOptions,
}

/// A server whose files are in the bucket, with a picture.
async fn server_with_picture(service: &Service) -> (TestServer, ContentHash) {
    let arguments = service.arguments(SECRET);
    let server = TestServer::start_with(&arguments.each_ref().map(String::as_str)).await;
    server.put(vec![programme_record(1, true)]).await;
    server
        .put_file(programme(1), PICTURE, "image/png", "map.png")
        .await;
    assert_eq!(
        moved(&server, &service.bucket()).await,
        Moved { files: 1, left: 0 }
    );
    (server, ContentHash::of(PICTURE))
}

async fn moved(server: &TestServer, bucket: &Bucket) -> Moved {
    let all = SystemTime::now() + std::time::Duration::from_secs(1);
    move_files(bucket, server.file_folder(), all).await.unwrap()
}

fn get(server: &TestServer, hash: &ContentHash) -> reqwest::RequestBuilder {
    http_client().get(server.url(&format!("/api/v1/files/{hash}")))
}

#[tokio::test]
async fn a_file_goes_into_the_bucket_and_is_read_from_there() {
    let service = Service::start().await;
    let (server, hash) = server_with_picture(&service).await;
    assert!(!server.file_folder().path(&hash).exists());
    assert_eq!(std::fs::read(service.place(&hash)).unwrap(), PICTURE);

    let answer = get(&server, &hash).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.headers()["content-length"],
        PICTURE.len().to_string()
    );
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.headers()["accept-ranges"], "bytes");
    let tag = answer.headers()["etag"].clone();
    assert_eq!(answer.bytes().await.unwrap(), PICTURE);
    let again = get(&server, &hash).header(IF_NONE_MATCH, tag).send().await;
    assert_eq!(again.unwrap().status(), StatusCode::NOT_MODIFIED);
    let head = http_client().head(server.url(&format!("/api/v1/files/{hash}")));
    let head = head.send().await.unwrap();
    assert_eq!(head.headers()["content-length"], PICTURE.len().to_string());

    let length = PICTURE.len();
    for (asked, status, given, content) in [
        (
            "bytes=4-10",
            206,
            format!("bytes 4-10/{length}"),
            &PICTURE[4..=10],
        ),
        (
            "bytes=40-",
            206,
            format!("bytes 40-{}/{length}", length - 1),
            &PICTURE[40..],
        ),
        (
            "bytes=-5",
            206,
            format!("bytes {}-{}/{length}", length - 5, length - 1),
            &PICTURE[length - 5..],
        ),
        (
            "bytes=0-999",
            206,
            format!("bytes 0-{}/{length}", length - 1),
            PICTURE,
        ),
        ("bytes=900-", 416, format!("bytes */{length}"), b""),
    ] {
        // The same as from the folder.
        for is_in_folder in [false, true] {
            if is_in_folder {
                let folder = server.file_folder();
                let bucket = service.bucket();
                bring(Some(&bucket), folder, hash, length as u64)
                    .await
                    .unwrap();
            }
            let answer = get(&server, &hash)
                .header(RANGE, asked)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), status, "{asked}");
            assert_eq!(answer.headers()[CONTENT_RANGE], given, "{asked}");
            assert_eq!(answer.bytes().await.unwrap(), content, "{asked}");
        }
        server.file_folder().remove(&hash).unwrap();
    }
}

#[tokio::test]
async fn what_is_done_with_files_is_done_with_those_in_the_bucket() {
    let service = Service::start().await;
    let (server, hash) = server_with_picture(&service).await;
    // Its parts are told.
    let parts = http_client().get(server.url(&format!("/api/v1/files/{hash}/parts")));
    let parts = parts
        .header(ACCEPT, BINARY_MEDIA_TYPE)
        .send()
        .await
        .unwrap();
    let parts: Parts = keruen_domain::encoding::decode(&parts.bytes().await.unwrap()).unwrap();
    assert_eq!(parts.sha256, [hash]);
    // It lies in the folder now; moving it again needs no second sending.
    let all = moved(&server, &service.bucket()).await;
    assert_eq!(all, Moved { files: 1, left: 0 });

    // A check looks for it there, and a copy has it.
    let (data, options) = (server.folder.path().to_owned(), service.options(SECRET));
    let copy = tempfile::tempdir().unwrap();
    let to = copy.path().join("copy");
    let copied = tokio::task::spawn_blocking(move || {
        let bucket = BlockingBucket::open(&options).unwrap().expect("named");
        let elsewhere: Option<&dyn Elsewhere> = Some(&bucket);
        let without = store::check(&data, None).unwrap().faults;
        assert!(without[0].contains("is missing"), "{without:?}");
        assert_eq!(
            store::check(&data, elsewhere).unwrap().faults,
            Vec::<String>::new()
        );
        assert!(
            store::back_up(&data, &to, None).is_err(),
            "not a copy without its files"
        );
        let found = store::back_up(&data, &to, elsewhere).unwrap();
        (found.faults, store::check(&to, None).unwrap().faults)
    });
    assert_eq!(copied.await.unwrap(), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn large_files_go_in_pieces_and_damaged_ones_not_at_all() {
    let service = Service::start().await;
    let (bucket, folder) = (service.bucket(), tempfile::tempdir().unwrap());
    let folder = FileFolder::new(folder.path().join("files"));
    let large: Vec<u8> = (0..20_000_000_u32)
        .map(|place| (place % 251) as u8)
        .collect();
    let (hash, size_bytes) = (ContentHash::of(&large), large.len() as u64);
    folder
        .fill(&hash, size_bytes, |output| output.write_all(&large))
        .unwrap();
    let all = SystemTime::now() + std::time::Duration::from_secs(1);
    // One that came just now stays.
    let none = move_files(&bucket, &folder, SystemTime::UNIX_EPOCH)
        .await
        .unwrap();
    assert_eq!(none, Moved::default());

    let path = folder.path(&hash);
    let mut damaged = large.clone();
    damaged[19_000_000] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let left = move_files(&bucket, &folder, all).await.unwrap();
    assert_eq!(left, Moved { files: 0, left: 1 });
    assert!(path.exists() && !bucket.holds(&hash, size_bytes).await.unwrap());

    std::fs::write(&path, &large).unwrap();
    let moved = move_files(&bucket, &folder, all).await.unwrap();
    assert_eq!(moved, Moved { files: 1, left: 0 });
    assert!(!path.exists() && bucket.holds(&hash, size_bytes).await.unwrap());
    assert!(
        !bucket.holds(&hash, size_bytes + 1).await.unwrap(),
        "of another length"
    );
    let brought = bring(Some(&bucket), &folder, hash, size_bytes)
        .await
        .unwrap();
    assert!(std::fs::read(brought).unwrap() == large);

    // What became another one in the bucket is not believed.
    folder.remove(&hash).unwrap();
    std::fs::write(service.place(&hash), &damaged).unwrap();
    assert!(
        bring(Some(&bucket), &folder, hash, size_bytes)
            .await
            .is_err()
    );
    assert!(!path.exists());
}

#[tokio::test]
async fn a_bucket_that_cannot_be_used_loses_nothing_and_says_so() {
    let service = Service::start().await;
    let (server, hash) = server_with_picture(&service).await;
    // A wrong key: nothing is moved, and nothing is said to be absent.
    let wrong = Bucket::open(&service.options("another secret"))
        .unwrap()
        .expect("named");
    assert!(matches!(
        wrong.holds(&hash, 1).await,
        Err(BucketError::Unusable(_))
    ));
    let other = b"%PDF-1.7 of tomorrow";
    let other_hash = server
        .put_file(programme(1), other, "application/pdf", "a.pdf")
        .await;
    assert_eq!(moved(&server, &wrong).await, Moved { files: 0, left: 1 });
    let error = wrong.holds(&hash, 1).await.unwrap_err();
    let said = format!("{error:?} {wrong:?} {:?}", service.options(SECRET));
    assert!(
        !said.contains(SECRET) && !said.contains("another secret"),
        "{said}"
    );

    // A service that is gone: what is in the folder is given, the rest comes later.
    drop(service);
    let here = get(&server, &other_hash.parse().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(here.bytes().await.unwrap(), &other[..]);
    let gone = get(&server, &hash).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(gone.headers()["keruen-problem"], "unavailable");
}

#[tokio::test]
async fn what_the_bucket_has_lost_is_not_there() {
    let service = Service::start().await;
    let (server, hash) = server_with_picture(&service).await;
    std::fs::remove_file(service.place(&hash)).unwrap();
    let answer = get(&server, &hash).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let data = DataFolder {
        path: server.folder.path().to_owned(),
    };
    let options = service.options(SECRET);
    let faults = tokio::task::spawn_blocking(move || {
        let bucket = BlockingBucket::open(&options).unwrap().expect("named");
        store::check(&data.path, Some(&bucket)).unwrap().faults
    });
    assert!(faults.await.unwrap()[0].contains("is missing"));
}
