//! The AWS SDK for Rust as one of the clients of `tests/interop/sdks`.

use std::sync::{Arc, Mutex};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::BehaviorVersion;
use aws_credential_types::provider::{future, ProvideCredentials};
use aws_credential_types::Credentials;
use tokio::io::{AsyncBufReadExt, BufReader};

/// What the default chain gave last: it keeps nothing itself, the SDK's cache in a client does.
#[derive(Debug)]
struct Recorder {
    chain: DefaultCredentialsChain,
    last: Arc<Mutex<Option<Credentials>>>,
}

impl ProvideCredentials for Recorder {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let credentials = self.chain.provide_credentials().await?;
            *self.last.lock().unwrap() = Some(credentials.clone());
            Ok(credentials)
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let last = Arc::new(Mutex::new(None));
    let http = aws_smithy_http_client::Builder::new().build_http();
    let base = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    let empty = base.no_credentials().load().await;
    let provider_config = aws_config::provider_config::ProviderConfig::default()
        .with_http_client(empty.http_client().unwrap());
    let chain = DefaultCredentialsChain::builder().configure(provider_config).build().await;
    let recorder = Recorder { chain, last: last.clone() };
    let config = empty
        .into_builder()
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(recorder))
        .build();
    let sts = aws_sdk_sts::Client::new(&config);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await.unwrap().is_some() {
        match sts.get_caller_identity().send().await {
            Ok(_) => {
                let credentials: Credentials = last.lock().unwrap().clone().unwrap();
                let end = credentials.expiry().map(|end| end.duration_since(std::time::UNIX_EPOCH));
                let end = end.map_or("-".to_string(), |end| end.unwrap().as_secs().to_string());
                println!("{} {}", credentials.access_key_id(), end);
            }
            Err(error) => println!("error {:?}", error),
        }
    }
}
