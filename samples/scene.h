/* The pictures' renderer: vectors and noise, bodies (bodies.c), and light,
 * ground and camera (trace.c); render.c composes and writes the pictures.
 *
 * Lengths in units of about one subject's height; x points right, y up, z
 * away from the camera; the ground is y = 0. Angles in turns. Nothing rounds
 * differently from one machine to the next: only +, -, *, /, sqrt, floor. */
#ifndef SAMPLES_SCENE_H
#define SAMPLES_SCENE_H

#include <math.h>
#include <stdint.h>

#define PI 3.14159265f

struct vec {
    float x, y, z;
};

static inline struct vec vec(float x, float y, float z)
{
    return (struct vec){ x, y, z };
}

static inline struct vec add(struct vec a, struct vec b)
{
    return vec(a.x + b.x, a.y + b.y, a.z + b.z);
}

static inline struct vec sub(struct vec a, struct vec b)
{
    return vec(a.x - b.x, a.y - b.y, a.z - b.z);
}

static inline struct vec mul(struct vec a, struct vec b)
{
    return vec(a.x * b.x, a.y * b.y, a.z * b.z);
}

static inline struct vec scale(struct vec a, float s)
{
    return vec(a.x * s, a.y * s, a.z * s);
}

/* a + b * s */
static inline struct vec along(struct vec a, struct vec b, float s)
{
    return add(a, scale(b, s));
}

static inline float dot(struct vec a, struct vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline struct vec cross(struct vec a, struct vec b)
{
    return vec(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static inline float length(struct vec a)
{
    return sqrtf(dot(a, a));
}

static inline float length2(float x, float y)
{
    return sqrtf(x * x + y * y);
}

static inline struct vec unit(struct vec a)
{
    return scale(a, 1 / length(a));
}

static inline struct vec reflect(struct vec d, struct vec n)
{
    return along(d, n, -2 * dot(d, n));
}

static inline float least(float a, float b)
{
    return a < b ? a : b;
}

static inline float most(float a, float b)
{
    return a > b ? a : b;
}

static inline float clamp(float x, float low, float high)
{
    return least(most(x, low), high);
}

static inline float mix(float a, float b, float t)
{
    return a + (b - a) * t;
}

static inline struct vec blend(struct vec a, struct vec b, float t)
{
    return along(scale(a, 1 - t), b, t);
}

/* 0 below `low`, 1 above `high`, smooth between; falls where high < low. */
static inline float smooth(float low, float high, float x)
{
    float t = clamp((x - low) / (high - low), 0, 1);
    return t * t * (3 - 2 * t);
}

static inline float power(float x, int n)
{
    float r = 1;
    for (; n > 0; n >>= 1, x *= x) {
        r = n & 1 ? r * x : r;
    }
    return r;
}

/* The smaller (larger) of two distances with the crease rounded by k. */
static inline float join(float a, float b, float k)
{
    float h = most(k - fabsf(a - b), 0) / k;
    return least(a, b) - h * h * k * 0.25f;
}

static inline float carve(float a, float b, float k)
{
    return -join(-a, -b, k);
}

/* Like cos(2 pi t), from parabolas. */
static inline float wave(float t)
{
    float s = t + 0.25f - floorf(t + 0.25f);
    return s < 0.5f ? 16 * s * (0.5f - s) : -16 * (s - 0.5f) * (1 - s);
}

/* The angle of (x, y) in turns, -0.5 to 0.5; off by 0.001 at most. */
static inline float turns(float y, float x)
{
    float ax = fabsf(x), ay = fabsf(y), big = most(ax, ay);
    float q = big > 0 ? least(ax, ay) / big : 0, q2 = q * q;
    float a = q * (0.15871f - q2 * (0.04878f - q2 * 0.01507f));
    a = ay > ax ? 0.25f - a : a;
    a = x < 0 ? 0.5f - a : a;
    return y < 0 ? -a : a;
}

static inline uint32_t hash(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

/* The next random number, 0 to 1. */
static inline float draw(uint32_t *state)
{
    *state += 0x9e3779b9u;
    return (float)(hash(*state) >> 8) * (1.0f / 16777216);
}

static inline float between(uint32_t *state, float low, float high)
{
    return mix(low, high, draw(state));
}

static inline float lattice(int x, int y, int z)
{
    uint32_t h =
        hash((uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u ^ (uint32_t)z * 0xcb1ab31fu);
    return (float)(h >> 8) * (1.0f / 16777216);
}

/* Value noise with a period of one unit, 0 to 1. */
float noise(struct vec p);

/* Octaves of noise, 0 to 1. */
float turbulence(struct vec p, int octaves);

/* The nearest of one random point a unit cell of the plane (x, z): distance
 * to it, and in *id its cell's number. */
float cells(float x, float z, uint32_t *id);

/* ----------------------------------------------------------------- bodies */
enum shape {
    APPLE,
    BOAT,
    CACTUS,
    MUG,
    MUSHROOM,
    SUBJECTS,
    COOKIE = SUBJECTS,
    BOOK,
    PEBBLE,
    TUFT,
    SHAPES,
};

enum { SPOTS = 18, BODIES = 31 };

struct body {
    enum shape shape;
    struct vec at; /* where its foot stands */
    float scale;
    float yaw_cos, yaw_sin;
    float roll_cos, roll_sin;
    float a, b, c; /* proportions, per shape */
    int variant;   /* pattern or build, per shape */
    uint32_t seed;
    struct vec tint, tint2;
    struct vec spot[SPOTS]; /* unit vectors: a mushroom's warts */
};

/* How a surface looks. */
struct paint {
    struct vec colour;
    float gloss; /* 0 matt to 1 mirror-like */
    float bump;  /* height of the relief, times its frequency */
    float grain; /* frequency of the relief */
    float thin;  /* share of the sun's light that comes through from behind */
};

struct paint surface(struct vec colour, float gloss, float bump, float grain);

/* A body of random size, pose and colours. */
void body_init(struct body *b, enum shape shape, struct vec at, uint32_t *rng);

/* Gives it a pair of colours, counted from 0. */
void body_dye(struct body *b, int pair);

/* Turns it: yaw about the vertical, then roll about its own z, both in turns
 * (wave() is no true cosine, so an angle is off by some hundredths). */
void body_turn(struct body *b, float yaw, float roll);

/* The sphere about a body. */
struct vec body_centre(const struct body *b);
float body_radius(const struct body *b);

/* Distance from p, negative inside; *part says which part of
 * the body is nearest. */
float body_distance(const struct body *b, struct vec p, int *part);

/* The surface at p of a part. */
struct paint body_paint(const struct body *b, struct vec p, int part);

/* ------------------------------------------------------------------ scene */
enum ground { WOOD, CLOTH, MARBLE, TILES, CONCRETE, GRASS, LEAVES, SAND, SNOW, WATER };
enum backdrop { WALL, LAMPS, WOODS, SKY };

struct setting {
    enum ground ground;
    enum backdrop backdrop;
    struct vec ground_a, ground_b; /* its two colours */
    struct vec high, low;          /* of the sky, or of the wall */
    struct vec sun, shade;         /* the light from the sun, and from all around */
    float sun_y, sun_turn;         /* where it stands; 0 turns: behind the subject */
    float hills;                   /* their height over the horizon */
};

struct scene {
    struct setting setting;
    struct body body[BODIES];
    int bodies;
    struct vec sun;                   /* unit vector towards it */
    struct vec eye, right, up, ahead; /* the camera */
    float zoom;                       /* its focal length; the picture's short side is 2 */
    float focus, lens;                /* distance in focus, radius of the lens */
    uint32_t seed;
};

/* The light that comes in at (u, v) of the picture: 0 is its middle, the
 * short side goes from -1 to 1, v upwards. Adds 1 to *cover for a body. */
struct vec trace(const struct scene *s, float u, float v, uint32_t *rng, float *cover);

#endif
