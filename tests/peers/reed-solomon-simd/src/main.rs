// Answers lines of standard input: `encode K N SIZE` with the nanoseconds of one encoding of random rows, `digest K N SIZE SEED` with
// FNV-1a (64 bits) of the parity of rows drawn from the seed. The crate's own high-rate encoder, AVX2, one thread.
use reed_solomon_simd::engine::Avx2;
use reed_solomon_simd::rate::{HighRateEncoder, RateEncoder};
use std::io::{stdin, stdout, BufRead, Write};
use std::time::Instant;

struct Shape {
    k: usize,
    n: usize,
    size: usize,
    rows: Vec<u8>,
    encoder: HighRateEncoder<Avx2>,
}

fn shape(k: usize, n: usize, size: usize, seed: u32) -> Shape {
    let encoder = HighRateEncoder::new(k, n, size, Avx2::new(), None).unwrap();
    let mut state = seed;
    let draw = |_| {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        (state >> 24) as u8
    };
    Shape { k, n, size, rows: (0..k * size).map(draw).collect(), encoder }
}

/// Rows are copied to the crate's work space; the parity can be read when this returns.
fn encode<R>(shape: &mut Shape, read: impl FnOnce(&mut dyn Iterator<Item = &[u8]>) -> R) -> R {
    for row in shape.rows.chunks_exact(shape.size) {
        shape.encoder.add_original_shard(row).unwrap();
    }
    let parity = shape.encoder.encode().unwrap();
    let found = read(&mut parity.recovery_iter());
    found
}

fn main() {
    if !is_x86_feature_detected!("avx2") {
        println!("this processor has no AVX2");
        std::process::exit(1);
    }
    let mut kept: Option<Shape> = None;
    for line in stdin().lock().lines() {
        let line = line.unwrap();
        let mut words = line.split(' ');
        let what = words.next().unwrap_or("").to_string();
        let numbers: Vec<usize> = words.map(|word| word.parse().unwrap()).collect();
        let (k, n, size) = (numbers[0], numbers[1], numbers[2]);
        if what == "digest" {
            let mut hash: u64 = 0xcbf29ce484222325;
            encode(&mut shape(k, n, size, numbers[3] as u32), |parity| {
                for byte in parity.flatten() {
                    hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100000001b3);
                }
            });
            println!("{hash:016x}");
        } else {
            if !matches!(&kept, Some(one) if (one.k, one.n, one.size) == (k, n, size)) {
                kept = Some(shape(k, n, size, 1));
            }
            let one = kept.as_mut().unwrap();
            let start = Instant::now();
            let last = encode(one, |parity| parity.last().map(|row| row[0]));
            let taken = start.elapsed().as_nanos();
            std::hint::black_box(last);
            println!("{taken}");
        }
        stdout().flush().unwrap();
    }
}
