//! What processes use, as the kernel counts it.

use std::collections::BTreeMap;
use std::io::{Error, Result};
use std::time::Duration;

/// The processes under measurement: those named, and whatever they started.
#[derive(Debug, Clone)]
pub(super) struct Processes {
    roots: Vec<u32>,
}

impl Processes {
    pub(super) fn new(roots: Vec<u32>) -> Self {
        Self { roots }
    }

    /// These and others together.
    pub(super) fn and(&self, others: &Self) -> Self {
        Self { roots: self.roots.iter().chain(&others.roots).copied().collect() }
    }

    /// CPU time used so far by those that still run.
    pub(super) fn cpu(&self) -> Result<Duration> {
        self.sum(cpu_of).map(Duration::from_millis)
    }

    /// Resident memory. What processes share counts once for each.
    pub(super) fn resident_bytes(&self) -> Result<u64> {
        self.sum(|id| memory_of(id, "VmRSS:"))
    }

    /// The most resident memory since [`Self::forget_peak`].
    pub(super) fn peak_bytes(&self) -> Result<u64> {
        self.sum(|id| memory_of(id, "VmHWM:"))
    }

    /// Source: Linux, proc(5): 5 written to `clear_refs` resets the peak of resident memory.
    pub(super) fn forget_peak(&self) -> Result<()> {
        self.all()?.into_iter().try_for_each(|id| std::fs::write(format!("/proc/{id}/clear_refs"), "5"))
    }

    fn sum(&self, figure: impl Fn(u32) -> Result<u64>) -> Result<u64> {
        self.all()?.into_iter().map(figure).sum()
    }

    fn all(&self) -> Result<Vec<u32>> {
        let parents = parents()?;
        let mut all = self.roots.clone();
        // Whatever stands in the list has its children put behind it, theirs come later.
        let mut looked_at = 0;
        while let Some(parent) = all.get(looked_at).copied() {
            all.extend(parents.iter().filter(|(_, of)| **of == parent).map(|(id, _)| *id));
            looked_at += 1;
        }
        Ok(all)
    }
}

/// Every process of the machine with its parent.
fn parents() -> Result<BTreeMap<u32, u32>> {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended since it was listed.
        if let Ok(parent) = field(id, 1) {
            parents.insert(id, parent as u32);
        }
    }
    Ok(parents)
}

fn cpu_of(id: u32) -> Result<u64> {
    // Linux counts user and system time in hundredths of a second.
    Ok((field(id, 11)? + field(id, 12)?) * 10)
}

/// A number out of `/proc/ID/stat`, counted after the name, which may hold spaces.
fn field(id: u32, at: usize) -> Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let number = fields.nth(at).and_then(|field| field.parse().ok());
    number.ok_or_else(|| Error::other("no figure of a process"))
}

fn memory_of(id: u32, what: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kib = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| Error::other("no memory figure"))
}
