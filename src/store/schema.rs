//! Which tables the file has, and how it gets those it lacks. Each step is one
//! transaction that also writes its number, so a kill in the middle leaves the step
//! undone and running it twice does nothing. A shipped step is never edited.

use std::path::Path;

use sqlx::{Any, AnyPool, Row as _, Transaction};

use super::{StoreError, engine};

/// Every step, oldest first; the version of a store is how many it has.
const STEPS: &[&str] = &[
    include_str!("../../assets/migrations/0001_outbox.sql"),
    include_str!("../../assets/migrations/0002_changes.sql"),
];

/// Brings the store to this program's version.
pub(super) async fn upgrade(pool: &AnyPool, path: &Path) -> Result<(), StoreError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    loop {
        let mut transaction = pool.begin_with(engine::BEGIN).await.map_err(|e| told(path, e))?;
        let version = version(&mut transaction, path).await?;
        if version > known {
            return Err(StoreError::Newer { path: engine::shown(path) });
        }
        let step = usize::try_from(version).ok().and_then(|version| STEPS.get(version));
        let Some(step) = step else { return Ok(()) };
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM rolodesk_schema").execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO rolodesk_schema (version) VALUES ($1)")
            .bind(version + 1)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
}

/// The steps the store already has; a database that is somebody else's is refused.
async fn version(
    transaction: &mut Transaction<'static, Any>,
    path: &Path,
) -> Result<i64, StoreError> {
    let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut **transaction)
        .await
        .map_err(|error| told(path, error))?;
    let names: Vec<String> = tables.iter().filter_map(|row| row.try_get("name").ok()).collect();
    if names.is_empty() {
        sqlx::query("CREATE TABLE rolodesk_schema (version BIGINT NOT NULL)")
            .execute(&mut **transaction)
            .await?;
        return Ok(0);
    }
    if !names.iter().any(|name| name == "rolodesk_schema") {
        let reason = "it is another program's database; it was left as it is".to_owned();
        return Err(StoreError::Open { path: engine::shown(path), reason });
    }
    let row = sqlx::query("SELECT max(version) AS version FROM rolodesk_schema")
        .fetch_one(&mut **transaction)
        .await?;
    Ok(row.try_get::<Option<i64>, _>("version")?.unwrap_or(0))
}

/// Trouble while opening names the file.
fn told(path: &Path, error: sqlx::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::Read { reason } | StoreError::Write { reason } => {
            StoreError::Open { path: engine::shown(path), reason }
        }
        other => other,
    }
}
