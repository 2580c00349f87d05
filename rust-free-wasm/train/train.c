// Training of the language model (docs/model.md): one sequence forward and backward in single precision, and the Adam update. Integers and
// IEEE operations only, no fused multiplication and no library, so that a seed gives the same weights on every machine.
#include "gemm.h"
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name), used))
#define MAX_LAYERS 8
/// Rows of the attention matrix that are computed together.
#define BLOCK 32
/// A token enters as this many times its row of the embedding.
#define EMBEDDING_SCALE 8.0f

extern unsigned char __heap_base;

typedef struct {
  float *x, *y1, *rms1, *qkv, *attention, *mixed, *mid, *y2, *rms2, *up, *hidden;
} activations;
typedef struct {
  float *qkv, *out, *up, *down;
} matrices;

static int vocabulary, width, layers, heads, inner, length, head;
static int parameter_count;
static float *params, *grads, *moment1, *moment2;
static float *embedding_t, *embedding_grad;
static matrices weight[MAX_LAYERS], transposed[MAX_LAYERS], gradient[MAX_LAYERS];
static float *embedding;
static activations kept[MAX_LAYERS];
static float *last, *normed, *rms_last, *logits, *d_x, *d_y, *d_qkv, *d_mixed, *d_up, *d_scores, *head_t;
static int32_t *tokens;
static uint8_t slope_shift[16];
static unsigned char *top;

static float *take(int count) {
  float *at = (float *)top;
  top += ((unsigned)count * 4 + 63) / 64 * 64;
  return at;
}

static float *lay(float *at, matrices *m) {
  m->qkv = at, at += 3 * width * width;
  m->out = at, at += width * width;
  m->up = at, at += inner * width;
  m->down = at, at += width * inner;
  return at;
}

/// Lays out the memory; the host must give as many bytes as this returns before anything else is called.
EXPORT(setup) uint32_t setup(int vocabulary_, int width_, int layers_, int heads_, int inner_, int length_) {
  vocabulary = vocabulary_, width = width_, layers = layers_, heads = heads_, inner = inner_, length = length_;
  head = width / heads;
  parameter_count = vocabulary * width + layers * (4 * width * width + 2 * inner * width);
  top = &__heap_base + (64 - (uintptr_t)&__heap_base % 64);
  params = take(parameter_count);
  grads = take(parameter_count);
  moment1 = take(parameter_count);
  moment2 = take(parameter_count);
  float *at_t = take(parameter_count), *at = params + vocabulary * width, *at_g = grads + vocabulary * width;
  embedding = params;
  embedding_grad = grads;
  embedding_t = at_t;
  at_t += vocabulary * width;
  int t = length, d = width;
  for (int l = 0; l < layers; l++) {
    at = lay(at, &weight[l]);
    at_g = lay(at_g, &gradient[l]);
    at_t = lay(at_t, &transposed[l]);
    kept[l] = (activations){take(t * d),     take(t * d), take(t),     take(3 * t * d), take(heads * t * t), take(t * d),
                            take(t * d), take(t * d), take(t), take(t * inner), take(t * inner)};
  }
  last = take(t * d), normed = take(t * d), rms_last = take(t), logits = take(t * vocabulary);
  d_x = take(t * d), d_y = take(t * d), d_qkv = take(3 * t * d), d_mixed = take(t * d), d_up = take(t * inner);
  d_scores = take(t * t), head_t = take(head * t);
  tokens = (int32_t *)take(t + 1);
  return (uint32_t)top;
}

EXPORT(parameters_at) float *parameters_at(void) { return params; }
EXPORT(gradients_at) float *gradients_at(void) { return grads; }
EXPORT(tokens_at) int32_t *tokens_at(void) { return tokens; }
EXPORT(slopes_at) uint8_t *slopes_at(void) { return slope_shift; }

static void transpose(const float *in, float *out, int rows, int columns, int in_row) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) out[j * rows + i] = in[i * in_row + j];
}

/// To be called after the parameters changed.
EXPORT(prepare) void prepare(void) {
  transpose(embedding, embedding_t, vocabulary, width, width);
  for (int l = 0; l < layers; l++) {
    transpose(weight[l].qkv, transposed[l].qkv, 3 * width, width, width);
    transpose(weight[l].out, transposed[l].out, width, width, width);
    transpose(weight[l].up, transposed[l].up, inner, width, width);
    transpose(weight[l].down, transposed[l].down, width, inner, inner);
  }
}

EXPORT(clear_gradients) void clear_gradients(void) { __builtin_memset(grads, 0, (unsigned)parameter_count * 4); }

/// 2^x for x <= 0, relative error below 2e-7; zero where the result would be subnormal.
INLINE float exp2_of(float x) {
  if (x < -125.0f) return 0;
  int whole = (int)x;
  float f = x - (float)whole; // -1 to 0
  float p = 1.5403530e-4f;
  p = p * f + 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1.0f;
  union {
    uint32_t bits;
    float value;
  } power = {(uint32_t)(whole + 127) << 23};
  return p * power.value;
}

/// log2(x) of a normal x.
static double log2_of(double x) {
  union {
    double value;
    uint64_t bits;
  } u = {x};
  int exponent = (int)(u.bits >> 52) - 1023;
  u.bits = (u.bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
  double s = (u.value - 1) / (u.value + 1), s2 = s * s, sum = 0;
  for (int i = 21; i >= 1; i -= 2) sum = sum * s2 + 1.0 / i;
  return exponent + 2.8853900817779268 * s * sum;
}

static void normalise(const float *x, float *y, float *rms) {
  for (int t = 0; t < length; t++, x += width, y += width) {
    float sum = 0;
    for (int i = 0; i < width; i++) sum += x[i] * x[i];
    float r = 1.0f / __builtin_sqrtf(sum / (float)width + 1e-6f);
    rms[t] = r;
    for (int i = 0; i < width; i++) y[i] = x[i] * r;
  }
}

/// d_x += what d_y is of the input.
static void normalise_back(const float *dy, const float *y, const float *rms, float *dx) {
  for (int t = 0; t < length; t++, dy += width, y += width, dx += width) {
    float sum = 0;
    for (int i = 0; i < width; i++) sum += dy[i] * y[i];
    sum /= (float)width;
    for (int i = 0; i < width; i++) dx[i] += rms[t] * (dy[i] - y[i] * sum);
  }
}

static float score_scale(void) { return 1.0f / __builtin_sqrtf((float)head); }

static void attend(activations *k) {
  int row = 3 * width;
  float scale = score_scale();
  for (int h = 0; h < heads; h++) {
    const float *q = k->qkv + h * head, *key = q + width, *value = key + width;
    float *p = k->attention + h * length * length;
    float slope = slope_shift[h] > 30 ? 0 : 1.0f / (float)(1 << slope_shift[h]);
    transpose(key, head_t, length, head, row);
    for (int m = 0; m < length; m += BLOCK) {
      int n = m + BLOCK;
      gemm(BLOCK, n, head, q + m * row, row, 1, head_t, length, p + m * length, length, 0);
      for (int i = m; i < n; i++) {
        float *s = p + i * length, high = -1e30f, sum = 0;
        for (int j = 0; j <= i; j++) {
          s[j] = s[j] * scale - slope * (float)(i - j);
          if (s[j] > high) high = s[j];
        }
        for (int j = 0; j <= i; j++) s[j] = exp2_of(s[j] - high);
        for (int j = 0; j <= i; j++) sum += s[j];
        sum = 1.0f / sum;
        for (int j = 0; j <= i; j++) s[j] *= sum;
        for (int j = i + 1; j < n; j++) s[j] = 0;
      }
      gemm(BLOCK, head, n, p + m * length, length, 1, value, row, k->mixed + m * width + h * head, width, 0);
    }
  }
}

/// d_mixed to d_qkv.
static void attend_back(activations *k) {
  int row = 3 * width;
  float scale = score_scale() * 0.69314718f;
  for (int h = 0; h < heads; h++) {
    const float *q = k->qkv + h * head, *key = q + width, *value = key + width, *p = k->attention + h * length * length;
    const float *d_out = d_mixed + h * head;
    float *dq = d_qkv + h * head, *dk = dq + width, *dv = dk + width;
    transpose(value, head_t, length, head, row);
    for (int m = 0; m < length; m += BLOCK) {
      int n = m + BLOCK;
      gemm(BLOCK, n, head, d_out + m * width, width, 1, head_t, length, d_scores + m * length, length, 0);
      for (int i = m; i < n; i++) {
        float *ds = d_scores + i * length, sum = 0;
        const float *pi = p + i * length;
        for (int j = 0; j <= i; j++) sum += pi[j] * ds[j];
        for (int j = 0; j < n; j++) ds[j] = scale * pi[j] * (ds[j] - sum);
      }
      gemm(BLOCK, head, n, d_scores + m * length, length, 1, key, row, dq + m * row, row, 0);
    }
    for (int m = 0; m < length; m += BLOCK) {
      int rest = length - m, from = m * length + m;
      gemm(BLOCK, head, rest, p + from, 1, length, d_out + m * width, width, dv + m * row, row, 0);
      gemm(BLOCK, head, rest, d_scores + from, 1, length, q + m * row, row, dk + m * row, row, 0);
    }
  }
}

static void forward(void) {
  int t = length, d = width;
  for (int i = 0; i < t; i++)
    for (int j = 0; j < d; j++) kept[0].x[i * d + j] = EMBEDDING_SCALE * embedding[tokens[i] * d + j];
  for (int l = 0; l < layers; l++) {
    activations *k = &kept[l];
    matrices *w = &transposed[l];
    float *next = l + 1 < layers ? kept[l + 1].x : last;
    normalise(k->x, k->y1, k->rms1);
    gemm(t, 3 * d, d, k->y1, d, 1, w->qkv, 3 * d, k->qkv, 3 * d, 0);
    attend(k);
    __builtin_memcpy(k->mid, k->x, (unsigned)(t * d) * 4);
    gemm(t, d, d, k->mixed, d, 1, w->out, d, k->mid, d, 1);
    normalise(k->mid, k->y2, k->rms2);
    gemm(t, inner, d, k->y2, d, 1, w->up, inner, k->up, inner, 0);
    for (int i = 0; i < t * inner; i++) {
      float u = k->up[i] > 0 ? k->up[i] : 0;
      k->hidden[i] = u * u;
    }
    __builtin_memcpy(next, k->mid, (unsigned)(t * d) * 4);
    gemm(t, d, inner, k->hidden, inner, 1, w->down, d, next, d, 1);
  }
  normalise(last, normed, rms_last);
  gemm(t, vocabulary, d, normed, d, 1, embedding_t, vocabulary, logits, vocabulary, 0);
}

/// `logits` become probabilities. @return bits of the tokens that follow, from number `from` on
static double bits_of_sequence(int from) {
  double bits = 0;
  for (int i = 0; i < length; i++) {
    float *s = logits + i * vocabulary, high = s[0], sum = 0;
    for (int j = 1; j < vocabulary; j++)
      if (s[j] > high) high = s[j];
    float wanted = s[tokens[i + 1]];
    for (int j = 0; j < vocabulary; j++) s[j] = exp2_of(s[j] - high);
    for (int j = 0; j < vocabulary; j++) sum += s[j];
    if (i >= from) bits += log2_of(sum) + (high - wanted);
    sum = 1.0f / sum;
    for (int j = 0; j < vocabulary; j++) s[j] *= sum;
  }
  return bits;
}

/// Bits of tokens from + 1 to `length` of the sequence at tokens_at(), each given those before it.
EXPORT(evaluate) double evaluate(int from) {
  forward();
  return bits_of_sequence(from);
}

/// Adds the gradient of the sequence's bits, times `scale`. @return the bits
EXPORT(learn) double learn(float scale) {
  int t = length, d = width;
  forward();
  double bits = bits_of_sequence(0);
  for (int i = 0; i < t; i++) {
    float *s = logits + i * vocabulary;
    s[tokens[i + 1]] -= 1.0f;
    for (int j = 0; j < vocabulary; j++) s[j] *= scale;
  }
  gemm(vocabulary, d, t, logits, 1, vocabulary, normed, d, embedding_grad, d, 1);
  gemm(t, d, vocabulary, logits, vocabulary, 1, embedding, d, d_y, d, 0);
  __builtin_memset(d_x, 0, (unsigned)(t * d) * 4);
  normalise_back(d_y, normed, rms_last, d_x);
  for (int l = layers - 1; l >= 0; l--) {
    activations *k = &kept[l];
    matrices *w = &weight[l], *g = &gradient[l];
    gemm(d, inner, t, d_x, 1, d, k->hidden, inner, g->down, inner, 1);
    gemm(t, inner, d, d_x, d, 1, w->down, inner, d_up, inner, 0);
    for (int i = 0; i < t * inner; i++) d_up[i] *= k->up[i] > 0 ? 2 * k->up[i] : 0;
    gemm(inner, d, t, d_up, 1, inner, k->y2, d, g->up, d, 1);
    gemm(t, d, inner, d_up, inner, 1, w->up, d, d_y, d, 0);
    normalise_back(d_y, k->y2, k->rms2, d_x);
    gemm(d, d, t, d_x, 1, d, k->mixed, d, g->out, d, 1);
    gemm(t, d, d, d_x, d, 1, w->out, d, d_mixed, d, 0);
    attend_back(k);
    gemm(3 * d, d, t, d_qkv, 1, 3 * d, k->y1, d, g->qkv, d, 1);
    gemm(t, d, 3 * d, d_qkv, 3 * d, 1, w->qkv, d, d_y, d, 0);
    normalise_back(d_y, k->y1, k->rms1, d_x);
  }
  for (int i = 0; i < t; i++)
    for (int j = 0; j < d; j++) embedding_grad[tokens[i] * d + j] += EMBEDDING_SCALE * d_x[i * d + j];
  return bits;
}

/// One step of Adam with decoupled decay; `correct` are 1 / (1 - beta^step).
EXPORT(update) void update(float rate, float decay, float correct1, float correct2, float most) {
  const float beta1 = 0.9f, beta2 = 0.95f;
  float sum = 0;
  for (int i = 0; i < parameter_count; i++) sum += grads[i] * grads[i];
  float norm = __builtin_sqrtf(sum), clip = norm > most ? most / norm : 1.0f;
  for (int i = 0; i < parameter_count; i++) {
    float g = grads[i] * clip;
    float m = moment1[i] = beta1 * moment1[i] + (1 - beta1) * g;
    float v = moment2[i] = beta2 * moment2[i] + (1 - beta2) * g * g;
    params[i] -= rate * (m * correct1 / (__builtin_sqrtf(v * correct2) + 1e-8f) + decay * params[i]);
  }
}
