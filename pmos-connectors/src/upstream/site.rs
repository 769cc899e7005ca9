//! The address of a server.

use url::Url;

use super::Protocol;

/// The address of a server, in the form that is the same however people write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Site(String);

impl Site {
    /// Reads an address as people paste it.
    ///
    /// # Errors
    /// What is wrong with it, to be said of the field.
    pub fn parse<P: Protocol>(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim())
            .map_err(|_| format!("must be the address of {}, as https://{}.example.com", P::TITLE, P::NAME))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err("must begin with https:// or http://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not carry a user name or password".to_owned());
        }
        let origin = url.origin().ascii_serialization();
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix(P::API_PATH).unwrap_or(path);
        Ok(Self(format!("{origin}{path}")))
    }

    /// The address without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a page of the server itself names where it comes from.
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// The host with its port.
    pub(super) fn host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{super::protocol::tests::Example, *};

    #[rstest]
    #[case("https://N8N.example.com/")]
    #[case("https://n8n.example.com:443")]
    #[case(" https://n8n.example.com/api/v1/ ")]
    #[case("https://n8n.example.com?x=1#y")]
    fn a_server_has_one_name_however_its_address_is_written(#[case] text: &str) {
        assert_eq!(Site::parse::<Example>(text).unwrap().as_str(), "https://n8n.example.com");
    }

    #[test]
    fn a_server_may_live_below_a_path() {
        assert_eq!(Site::parse::<Example>("http://10.0.0.1:80/n8n//").unwrap().as_str(), "http://10.0.0.1/n8n");
    }

    #[rstest]
    #[case("n8n.example.com")]
    #[case("ftp://n8n.example.com")]
    #[case("https://ada:pw@n8n.example.com")]
    #[case("")]
    fn what_is_no_address_of_a_server_is_refused(#[case] text: &str) {
        assert!(Site::parse::<Example>(text).is_err());
    }
}
