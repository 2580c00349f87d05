// Answers lines of standard input: `encode K N SIZE` with the nanoseconds of one encoding of random rows. The crate's own high-rate encoder,
// AVX2, one thread.
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

fn shape(k: usize, n: usize, size: usize) -> Shape {
    let encoder = HighRateEncoder::new(k, n, size, Avx2::new(), None).unwrap();
    let mut state: u32 = 1;
    let draw = |_| {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        (state >> 24) as u8
    };
    Shape { k, n, size, rows: (0..k * size).map(draw).collect(), encoder }
}

/// Rows are copied to the crate's work space; the parity can be read when this returns.
fn encode(shape: &mut Shape) -> u8 {
    for row in shape.rows.chunks_exact(shape.size) {
        shape.encoder.add_original_shard(row).unwrap();
    }
    let parity = shape.encoder.encode().unwrap();
    let read = parity.recovery_iter().fold(0, |sum, row| sum ^ row[0]);
    read
}

fn main() {
    if !is_x86_feature_detected!("avx2") {
        println!("this processor has no AVX2");
        std::process::exit(1);
    }
    let mut kept: Option<Shape> = None;
    for line in stdin().lock().lines() {
        let line = line.unwrap();
        let numbers: Vec<usize> = line.split(' ').skip(1).map(|word| word.parse().unwrap()).collect();
        let (k, n, size) = (numbers[0], numbers[1], numbers[2]);
        if !matches!(&kept, Some(one) if (one.k, one.n, one.size) == (k, n, size)) {
            kept = Some(shape(k, n, size));
        }
        let one = kept.as_mut().unwrap();
        let start = Instant::now();
        std::hint::black_box(encode(one));
        println!("{}", start.elapsed().as_nanos());
        stdout().flush().unwrap();
    }
}
