//! Lists that come in parts.

use super::{Fault, FaultKind};

/// More pages than this is a server that answers in circles.
const MOST: usize = 1_000;

/// Everything on all pages of a list. `page` gets where to go on, nothing at first, and gives what is there and where the
/// next page begins.
///
/// # Errors
/// What `page` fails with; [`FaultKind::Garbled`] when the server comes back to where it was, or never to an end.
pub async fn pages<T, P, F>(mut page: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, Fault<P>>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), Fault<P>>>,
{
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MOST {
        let (items, next) = page(cursor.clone()).await?;
        all.extend(items);
        match next.filter(|next| !next.is_empty()) {
            None => return Ok(all),
            same if same == cursor => break,
            next => cursor = next,
        }
    }
    Err(FaultKind::Garbled.into())
}

#[cfg(test)]
mod tests {
    use super::{super::protocol::tests::Example, *};

    #[tokio::test]
    async fn a_list_is_read_to_its_end() {
        let all = pages::<_, Example, _>(|cursor| async move {
            match cursor.as_deref() {
                None => Ok((vec![1, 2], Some("b".to_owned()))),
                Some("b") => Ok((vec![3], Some(String::new()))),
                Some(other) => panic!("{other}"),
            }
        });
        assert_eq!(all.await.unwrap(), [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_server_that_comes_back_to_the_same_page_or_never_ends_is_garbled() {
        let same = pages::<_, Example, _>(|_| async { Ok((vec![1], Some("a".to_owned()))) });
        assert_eq!(same.await.unwrap_err().kind, FaultKind::Garbled);
        let mut number = 0;
        let endless = pages::<_, Example, _>(|_| {
            number += 1;
            std::future::ready(Ok((vec![1], Some(number.to_string()))))
        });
        assert_eq!(endless.await.unwrap_err().kind, FaultKind::Garbled);
    }
}
