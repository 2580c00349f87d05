//! For each line "k n rowSize layout seed" of standard input: SHA-256 of the parity rows, in hexadecimal.
use reed_solomon_simd::engine::DefaultEngine;
use reed_solomon_simd::rate::{HighRateEncoder, LowRateEncoder, RateEncoder};
use sha2::{Digest, Sha256};
use std::io::BufRead;

/// mulberry32, as little-endian words.
fn data(seed: u32, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let mut out = Vec::with_capacity(bytes);
    while out.len() < bytes {
        state = state.wrapping_add(0x6d2b_79f5);
        let mut t = (state ^ (state >> 15)).wrapping_mul(1 | state);
        t = t.wrapping_add((t ^ (t >> 7)).wrapping_mul(61 | t)) ^ t;
        out.extend_from_slice(&(t ^ (t >> 14)).to_le_bytes());
    }
    out
}

fn digest<E: RateEncoder<DefaultEngine>>(k: usize, n: usize, row_size: usize, seed: u32) -> String {
    let mut encoder = E::new(k, n, row_size, DefaultEngine::new(), None).expect("a shape that the crate takes");
    for row in data(seed, k * row_size).chunks(row_size) {
        encoder.add_original_shard(row).expect("one of K rows");
    }
    let mut hash = Sha256::new();
    for row in encoder.encode().expect("K rows").recovery_iter() {
        hash.update(row);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("text");
        let words: Vec<&str> = line.split(' ').collect();
        let [k, n, row_size] = [0, 1, 2].map(|i| words[i].parse().expect("a count"));
        let seed = words[4].parse().expect("a seed");
        let hex = match words[3] {
            "high" => digest::<HighRateEncoder<_>>(k, n, row_size, seed),
            "low" => digest::<LowRateEncoder<_>>(k, n, row_size, seed),
            other => panic!("no layout {other}"),
        };
        println!("{hex}");
    }
}
