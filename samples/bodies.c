/* The subjects of the pictures: for each shape its distance function and its paint, in
 * coordinates where it stands on the origin and is about one unit high. */
#include <stddef.h>

#include "scene.h"

/* ------------------------------------------------------------------ noise */

float noise(struct vec p)
{
    float fx = floorf(p.x), fy = floorf(p.y), fz = floorf(p.z);
    int x = (int)fx, y = (int)fy, z = (int)fz;
    float u = p.x - fx, v = p.y - fy, w = p.z - fz;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    w = w * w * (3 - 2 * w);
    float low = mix(mix(lattice(x, y, z), lattice(x + 1, y, z), u),
                    mix(lattice(x, y + 1, z), lattice(x + 1, y + 1, z), u), v);
    float high = mix(mix(lattice(x, y, z + 1), lattice(x + 1, y, z + 1), u),
                     mix(lattice(x, y + 1, z + 1), lattice(x + 1, y + 1, z + 1), u), v);
    return mix(low, high, w);
}

float turbulence(struct vec p, int octaves)
{
    float sum = 0, weight = 0.5f, total = 0;
    for (int i = 0; i < octaves; i++) {
        sum += weight * noise(p);
        total += weight;
        weight *= 0.5f;
        p = vec(1.6f * p.x + 1.2f * p.z + 17.3f, 2.03f * p.y + 5.1f, 1.6f * p.z - 1.2f * p.x);
    }
    return sum / total;
}

float cells(float x, float z, uint32_t *id)
{
    int cx = (int)floorf(x), cz = (int)floorf(z);
    float best = 9;
    for (int i = cx - 1; i <= cx + 1; i++) {
        for (int j = cz - 1; j <= cz + 1; j++) {
            uint32_t h = hash((uint32_t)i * 0x8da6b343u ^ (uint32_t)j * 0xcb1ab31fu);
            float dx = (float)i + (float)(h & 0xffff) / 65536 - x;
            float dz = (float)j + (float)(h >> 16) / 65536 - z;
            float d = dx * dx + dz * dz;
            if (d < best) {
                best = d;
                *id = hash(h);
            }
        }
    }
    return sqrtf(best);
}

/* ----------------------------------------------------------- basic shapes */

/* A stick from a to b whose radius goes from ra to rb. */
static float stick(struct vec p, struct vec a, struct vec b, float ra, float rb)
{
    struct vec ab = sub(b, a), ap = sub(p, a);
    float t = clamp(dot(ap, ab) / dot(ab, ab), 0, 1);
    return length(sub(ap, scale(ab, t))) - mix(ra, rb, t);
}

static float block(struct vec p, struct vec half, float round)
{
    struct vec q =
        vec(fabsf(p.x) - half.x + round, fabsf(p.y) - half.y + round, fabsf(p.z) - half.z + round);
    float out = length(vec(most(q.x, 0), most(q.y, 0), most(q.z, 0)));
    return out + least(most(q.x, most(q.y, q.z)), 0) - round;
}

/* Radius r, from y = 0 to y = high, edges rounded. */
static float drum(struct vec p, float r, float high, float round)
{
    float dx = length2(p.x, p.z) - r + round;
    float dy = fabsf(p.y - high / 2) - high / 2 + round;
    return length2(most(dx, 0), most(dy, 0)) + least(most(dx, dy), 0) - round;
}

static float ellipsoid(struct vec p, struct vec r)
{
    struct vec q = vec(p.x / r.x, p.y / r.y, p.z / r.z);
    struct vec g = vec(q.x / r.x, q.y / r.y, q.z / r.z);
    float k = length(q);
    return k * (k - 1) / most(length(g), 1e-4f);
}

/* Takes the nearer of two parts. */
static float nearer(float d, float other, int number, int *part)
{
    if (other >= d) {
        return d;
    }
    *part = number;
    return other;
}

struct paint surface(struct vec colour, float gloss, float bump, float grain)
{
    return (struct paint){ colour, gloss, bump, grain, 0 };
}

/* Matt, and lets half of the light through. */
static struct paint thin(struct vec colour)
{
    return (struct paint){ colour, 0.1f, 0, 1, 0.5f };
}

/* ------------------------------------------------------------------ apple */
enum { SKIN, STEM, LEAF };

/* A leaf that grows from the origin along +x and droops. */
static float leaf(struct vec p, float long_, float wide)
{
    float half = long_ / 2;
    float radius = (half * half + wide * wide) / (2 * wide);
    float rim = length2(fabsf(p.z) + radius - wide, p.x - half) - radius;
    float bend = 0.35f * p.x - 1.2f * p.x * p.x + 0.7f * fabsf(p.z);
    return most(rim, fabsf(p.y - bend) - 0.006f) * 0.7f;
}

static float apple_distance(const struct body *b, struct vec p, int *part)
{
    float y = p.y - 0.43f, r = length2(p.x, p.z);
    float side = r > 0 ? p.x / r : 0, side2 = side * side;
    float lobes = side * (side2 * (16 * side2 - 20) + 5);
    float dent = most(0, 1 - r / 0.2f);
    float wide = r * (1 - b->a * y + 0.03f * lobes * smooth(0.2f, -0.4f, y));
    y += (y > 0 ? 0.1f : -0.05f) * dent * dent;
    float d = (length2(wide - 0.18f, y * b->b) - 0.30f) * 0.8f;
    struct vec top = vec(0.05f, 0.94f, 0.04f);
    *part = SKIN;
    if (p.y < 0.5f) {
        return d;
    }
    d = nearer(d, stick(p, vec(0, 0.68f, 0), top, 0.016f, 0.026f), STEM, part);
    if (b->variant > 0) {
        struct vec q = sub(p, vec(0.035f, 0.86f, 0.03f));
        d = nearer(d, leaf(q, 0.46f, 0.12f), LEAF, part);
    }
    return d;
}

static struct paint apple_paint(const struct body *b, struct vec p, int part)
{
    if (part == STEM) {
        return surface(vec(0.16f, 0.09f, 0.04f), 0.05f, 0.3f, 60);
    }
    if (part == LEAF) {
        float vein = smooth(0.012f, 0.0f, fabsf(p.z - 0.03f));
        struct vec green =
            blend(vec(0.09f, 0.25f, 0.03f), vec(0.2f, 0.38f, 0.06f), noise(scale(p, 14)));
        return thin(blend(green, vec(0.35f, 0.5f, 0.15f), vein * 0.6f));
    }
    float r = most(length2(p.x, p.z), 1e-4f), shift = (float)(b->seed & 63);
    struct vec side = vec(p.x / r * 9 + shift, p.y * 1.3f, p.z / r * 9);
    float streak = turbulence(scale(side, 1.6f), 3);
    float blush = turbulence(vec(p.x * 1.8f + shift, p.y * 1.5f, p.z * 1.8f), 2);
    float t = smooth(0.35f, 0.6f, blush + 0.55f * (streak - 0.5f) + b->c);
    t *= smooth(0.0f, 0.2f, r) * 0.8f + 0.2f;
    struct vec colour = blend(b->tint2, b->tint, t);
    uint32_t id;
    float speck = cells(turns(p.z, p.x) * 40, p.y * 16, &id);
    colour = blend(colour, vec(0.85f, 0.75f, 0.45f), 0.35f * smooth(0.09f, 0.03f, speck));
    return surface(colour, 0.75f, 0.02f, 30);
}

/* -------------------------------------------------------------------- mug */
enum { GLAZE, INSIDE, DRINK };

static float mug_distance(const struct body *b, struct vec p, int *part)
{
    float high = b->b, wide = b->a * (1 + b->c * (p.y / high - 0.5f));
    float outer = drum(p, wide, high, 0.05f);
    struct vec q = vec(p.x - wide + 0.01f, p.y - high * 0.52f, p.z);
    float bow = high * 0.12f;
    q.y -= clamp(q.y, -bow, bow);
    float handle = length2(length2(q.x, q.y) - high * 0.2f, q.z * 0.75f) - 0.043f;
    outer = join(outer, handle, 0.06f);
    float inner = drum(sub(p, vec(0, 0.07f, 0)), wide - 0.045f, high, 0.06f);
    float d = carve(outer, -inner, 0.03f) * 0.9f;
    *part = inner < 0.012f ? INSIDE : GLAZE;
    return nearer(d, most(inner - 0.02f, p.y - high * 0.84f), DRINK, part);
}

/* 0 to 1: how much of the second colour. */
static float mug_pattern(const struct body *b, struct vec p)
{
    float y = p.y / b->b, turn = turns(p.z, p.x);
    struct vec q = vec(p.x * 4 + (float)(b->seed & 31), p.y * 4, p.z * 4);
    switch (b->variant) {
    case 1: /* two bands */
        return smooth(0.05f, 0.04f, fabsf(y - 0.75f)) + smooth(0.025f, 0.015f, fabsf(y - 0.65f));
    case 2: /* dipped */
        return smooth(0.02f, -0.02f, y - 0.36f - 0.15f * (noise(q) - 0.5f));
    case 3: { /* dots */
        float row = floorf(y * 5), v = y * 5 - row - 0.5f;
        float u = turn * 12 + 0.5f * row;
        u -= floorf(u) + 0.5f;
        return smooth(0.3f, 0.24f, length2(u, v));
    }
    case 4: { /* speckled */
        uint32_t id;
        float speck = cells(turn * 40, y * 15, &id),
              size = 0.08f + 0.2f * power((float)(id & 255) / 255, 3);
        return smooth(size, size - 0.08f, speck);
    }
    case 5: /* upright stripes */
        return smooth(-0.1f, 0.1f, wave(turn * 14)) * smooth(0.1f, 0.14f, y) *
               smooth(0.9f, 0.86f, y);
    default:
        return 0;
    }
}

static struct paint mug_paint(const struct body *b, struct vec p, int part)
{
    if (part == DRINK) {
        float r = length2(p.x, p.z) / b->a;
        float milk = turbulence(scale(add(p, vec((float)(b->seed & 15), 0, 0)), 5), 3);
        float foam =
            b->seed & 64 ? smooth(0.42f, 0.62f, milk) : smooth(0.72f, 0.86f, r) * milk * 1.3f;
        struct vec colour = blend(vec(0.045f, 0.016f, 0.006f), vec(0.5f, 0.3f, 0.15f), foam);
        return surface(colour, 0.6f, 0.02f, 20);
    }
    if (part == INSIDE) {
        return surface(vec(0.82f, 0.79f, 0.73f), 0.6f, 0, 1);
    }
    struct vec colour = blend(b->tint, b->tint2, clamp(mug_pattern(b, p), 0, 1));
    float rim = smooth(0.985f, 0.995f, p.y / b->b + 0.01f * noise(scale(p, 12)));
    colour = blend(colour, vec(0.5f, 0.33f, 0.2f), b->variant == 4 ? rim : 0);
    return surface(colour, b->variant == 2 ? 0.45f : 0.8f, 0.02f, 16);
}

/* --------------------------------------------------------------- mushroom */
enum { STALK, CAP, GILLS, WART };

static float mushroom_distance(const struct body *b, struct vec p, int *part)
{
    float wide = b->a, neck = b->b, y = p.y / neck;
    float lean = 0.10f * y * y;
    struct vec q = vec(p.x - lean, p.y, p.z);
    float fat = 0.09f + 0.13f * wide;
    float stalk = stick(q, vec(0, 0.02f, 0), vec(0, neck, 0), fat * 1.35f, fat * 0.8f);
    float tone = 1 + 0.05f * (noise(vec(p.x * 7, p.y * 3, p.z * 7)) - 0.5f);
    if (b->variant == 1) {
        float frill = 0.25f * noise(vec(p.x * 16, 0, p.z * 16));
        struct vec skirt = vec(length2(q.x, q.z), q.y, 0);
        float ring = stick(skirt, vec(fat * 0.9f, neck * 0.82f, 0),
                           vec(fat * (1.3f + frill), neck * 0.68f, 0), 0.014f, 0.008f);
        stalk = join(stalk, ring, 0.02f);
    }
    struct vec c = vec(p.x - 0.10f, p.y - neck, p.z);
    float dome = ellipsoid(c, vec(wide * tone, wide * b->c, wide * tone));
    float under = ellipsoid(add(c, vec(0, 0.08f * wide, 0)), vec(wide, wide * 0.3f, wide));
    float cap = carve(dome, most(-under, -c.y - 0.06f * wide), 0.04f);
    *part = STALK;
    float d = nearer(stalk, cap, under < 0.012f ? GILLS : CAP, part);
    if (b->variant == 1 && dome < 0.1f) {
        for (int i = 0; i < SPOTS; i++) {
            struct vec s = b->spot[i];
            struct vec at = vec(s.x * wide, s.y * wide * b->c, s.z * wide);
            float size = wide * (0.055f + 0.05f * lattice(i, (int)b->seed, 0));
            d = nearer(d, carve(length(sub(c, at)) - size, dome - 0.014f, 0.03f), WART, part);
        }
    }
    return d * 0.8f;
}

static struct paint mushroom_paint(const struct body *b, struct vec p, int part)
{
    float mottle = turbulence(scale(add(p, vec((float)(b->seed & 31), 0, 0)), 5), 3);
    if (part == WART) {
        return surface(vec(0.86f, 0.8f, 0.68f), 0.05f, 0.4f, 60);
    }
    if (part == GILLS) {
        float line = wave(turns(p.z, p.x - 0.1f) * 56) * 0.5f + 0.5f;
        return surface(scale(vec(0.75f, 0.64f, 0.48f), 0.45f + 0.55f * line), 0, 0, 1);
    }
    if (part == STALK) {
        float fibre = noise(vec(p.x * 40, p.y * 5, p.z * 40));
        struct vec colour = blend(vec(0.78f, 0.72f, 0.6f), vec(0.42f, 0.32f, 0.2f),
                                  smooth(0.25f, 0.0f, p.y) * 0.7f + 0.3f * fibre * mottle);
        return surface(colour, 0.08f, 0.3f, 40);
    }
    float edge = smooth(0.6f, 1.05f, length2(p.x - 0.1f, p.z) / b->a);
    struct vec colour =
        blend(b->tint, b->tint2, clamp(0.75f * edge + 1.2f * (mottle - 0.5f), 0, 1));
    return surface(colour, b->variant == 1 ? 0.55f : 0.3f, 0.12f, 22);
}

/* ----------------------------------------------------------------- cactus */
enum { FLESH, SPINE, POT, SOIL, PETAL };

struct stem {
    float d;     /* of the flesh */
    float spine; /* of the spines */
};

/* A ribbed stem about the y axis whose round head ends at `high`. */
static struct stem ribbed(struct vec p, float r, float high, int ribs)
{
    float axis = most(p.y - clamp(p.y, 0, high - r), 0) + least(p.y, 0);
    float around = length2(p.x, p.z);
    float turn = turns(p.z, p.x) * (float)ribs;
    float ridge = wave(turn) * smooth(0, r * 0.6f, around);
    float out = length2(around, axis) - r;
    float u = (turn - floorf(turn + 0.5f)) * 2 * PI * around / (float)ribs;
    float step = 0.1f, v = p.y - step * floorf(p.y / step + 0.5f);
    float w = out - 0.05f * r;
    float fan = length2(fabsf(u) - most(w, 0) * 0.6f, fabsf(v) - most(w, 0) * 0.6f);
    float thin = 0.0028f - 0.03f * most(w, 0);
    struct stem s = { (out - 0.13f * r * ridge) * 0.75f, most(fan - thin, w - 0.055f) * 0.7f };
    s.spine = p.y < 0 ? 9 : s.spine;
    return s;
}

static struct stem both(struct stem a, struct stem b, float k)
{
    return (struct stem){ join(a.d, b.d, k), least(a.spine, b.spine) };
}

/* An elbow out to x = reach at height y, then up by `rise`. */
static struct stem arm(struct vec p, float y, float reach, float rise, float r)
{
    struct vec q = vec(p.x - reach, p.y - y, p.z);
    struct stem s = ribbed(q, r, rise, 9);
    float elbow = stick(p, vec(0, y - 0.06f, 0), vec(reach, y, 0), r, r);
    s.d = join(s.d, elbow * 0.8f, 0.07f);
    return s;
}

static float flower(struct vec p, float r)
{
    float d = length(p) - r * 0.35f;
    float turn = turns(p.z, p.x) * 8, around = length2(p.x, p.z);
    float u = (turn - floorf(turn + 0.5f)) * 2 * PI * around / 8;
    struct vec q = vec(around - r * 0.55f, p.y - around * 0.5f, u);
    return least(d, ellipsoid(q, vec(r * 0.55f, r * 0.13f, r * 0.2f))) * 0.7f;
}

static float pot_distance(struct vec p, int *part)
{
    float wall = drum(p, 0.25f + 0.16f * p.y, 0.40f, 0.02f);
    float rim = drum(sub(p, vec(0, 0.31f, 0)), 0.36f, 0.1f, 0.02f);
    float hole = most(length2(p.x, p.z) - 0.29f, 0.36f - p.y);
    *part = hole < 0.004f ? SOIL : POT;
    return most(least(wall, rim), -hole) * 0.9f;
}

static float cactus_distance(const struct body *b, struct vec p, int *part)
{
    float d = 9, r = b->a, high = b->b;
    if (b->c > 0) {
        d = pot_distance(p, part);
        p.y -= 0.34f;
    }
    struct stem s;
    if (b->variant == 0) { /* a ball */
        s = ribbed(sub(p, vec(0, r * 0.4f, 0)), r, r * 1.5f, 15);
        s.d = join(s.d, (length(sub(p, vec(0, r * 0.8f, 0))) - r * 0.9f), 0.05f);
        d = nearer(d, flower(sub(p, vec(0.02f, r * 1.95f, 0.03f)), 0.17f), PETAL, part);
    } else {
        s = ribbed(p, r, high, 11);
        s = both(s, arm(p, high * 0.38f, r * 2.5f, high * 0.42f, r * 0.62f), 0.04f);
    }
    if (b->variant > 1) {
        struct vec q = vec(-p.x, p.y, p.z + 0.25f * p.x);
        s = both(s, arm(q, high * 0.52f, r * 2.3f, high * 0.3f, r * 0.56f), 0.04f);
    }
    d = nearer(d, s.d, FLESH, part);
    return nearer(d, s.spine, SPINE, part);
}

static struct paint cactus_paint(const struct body *b, struct vec p, int part)
{
    float mottle = turbulence(scale(p, 6), 3);
    if (part == SPINE) {
        return surface(vec(0.85f, 0.78f, 0.6f), 0.1f, 0, 1);
    }
    if (part == PETAL) {
        float heart = smooth(0.05f, 0.12f, length2(p.x - 0.02f, p.z - 0.03f));
        return surface(blend(vec(0.9f, 0.65f, 0.1f), b->tint2, heart), 0.2f, 0, 1);
    }
    if (part == SOIL) {
        return surface(scale(vec(0.2f, 0.14f, 0.09f), 0.4f + mottle), 0, 1, 50);
    }
    if (part == POT) {
        float stain = smooth(0.5f, 0.75f, mottle + 0.2f * (0.2f - p.y));
        struct vec clay = b->c > 1.5f   ? vec(0.6f, 0.58f, 0.53f)
                          : b->c > 1.2f ? vec(0.05f, 0.13f, 0.26f)
                                        : vec(0.52f, 0.2f, 0.09f);
        return surface(blend(clay, vec(0.68f, 0.5f, 0.38f), 0.6f * stain), 0.15f, 0.08f, 40);
    }
    struct vec colour = scale(b->tint, 0.65f + 0.7f * mottle);
    return surface(colour, 0.3f, 0.08f, 30);
}

/* ------------------------------------------------------------------- boat */
enum { HULL, DECK, SPAR, SAIL, CABIN, FUNNEL };

/* The lens that two great spheres cut out, pressed flat and cut level. */
static float hull(struct vec p, float beam, float inset)
{
    float radius = (1 + beam * beam) / (2 * beam);
    struct vec q = vec(p.x, p.y * 1.7f, fabsf(p.z) + radius - beam);
    float side = length(q) - radius + inset;
    float sheer = p.y - 0.17f - 0.14f * p.x * most(p.x, 0) - 0.05f * p.x * p.x;
    return most(most(side, sheer), -0.86f + inset - p.x) * 0.6f;
}

/* The sail over the triangle a b c of the plane (x, y), counter-clockwise. */
static float sail(struct vec p, const float corner[3][2], float belly)
{
    float d = -9, inside = 64;
    for (int i = 0; i < 3; i++) {
        const float *a = corner[i], *b = corner[(i + 1) % 3];
        float ex = b[0] - a[0], ey = b[1] - a[1];
        float edge = ((p.x - a[0]) * ey - (p.y - a[1]) * ex) / length2(ex, ey);
        d = most(d, edge);
        inside *= most(-edge, 0);
    }
    float swell = belly * inside;
    return most(d, fabsf(p.z - swell) - 0.008f) * 0.8f;
}

static float rig_distance(const struct body *b, struct vec p, float d, int *part)
{
    float top = 1.45f * b->b;
    const float main_sail[3][2] = { { -0.72f, 0.36f }, { 0.0f, 0.36f }, { 0.03f, top } };
    const float jib[3][2] = { { 0.14f, 0.36f }, { 0.86f, 0.32f }, { 0.08f, top * 0.92f } };
    d = nearer(d, stick(p, vec(0.05f, 0, 0), vec(0.05f, top + 0.05f, 0), 0.022f, 0.014f), SPAR,
               part);
    d = nearer(d, stick(p, vec(-0.75f, 0.33f, 0), vec(0.05f, 0.34f, 0), 0.014f, 0.018f), SPAR,
               part);
    d = nearer(d, sail(p, main_sail, 0.12f * b->c), SAIL, part);
    return b->variant == 1 ? d : nearer(d, sail(p, jib, 0.14f * b->c), SAIL, part);
}

static float steamer_distance(struct vec p, float d, int *part)
{
    d = nearer(d, block(sub(p, vec(-0.05f, 0.33f, 0)), vec(0.36f, 0.19f, 0.19f), 0.02f), CABIN,
               part);
    d = nearer(d, block(sub(p, vec(0.1f, 0.6f, 0)), vec(0.17f, 0.1f, 0.15f), 0.02f), CABIN, part);
    d = nearer(d, block(sub(p, vec(0.1f, 0.72f, 0)), vec(0.22f, 0.02f, 0.19f), 0.01f), DECK, part);
    struct vec q = vec(p.x + 0.24f, p.y - 0.45f, p.z);
    d = nearer(d, drum(q, 0.09f, 0.42f, 0.01f), FUNNEL, part);
    return nearer(d, stick(p, vec(0.62f, 0.2f, 0), vec(0.6f, 0.85f, 0), 0.016f, 0.01f), SPAR, part);
}

static float boat_distance(const struct body *b, struct vec p, int *part)
{
    float shell = hull(p, b->a, 0);
    float well = most(hull(p, b->a, 0.035f) - 0.05f, 0.13f - p.y);
    *part = well < 0.004f ? DECK : HULL;
    float d = most(shell, -well);
    return b->variant == 2 ? steamer_distance(p, d, part) : rig_distance(b, p, d, part);
}

static struct vec cabin_colour(struct vec p)
{
    float u = p.x * (p.y > 0.5f ? 7.0f : 6.0f), v = p.y > 0.5f ? p.y - 0.6f : p.y - 0.39f;
    u = fabsf(u - floorf(u) - 0.5f);
    float pane = smooth(0.3f, 0.27f, u) * smooth(0.06f, 0.05f, fabsf(v));
    return blend(vec(0.8f, 0.77f, 0.7f), vec(0.03f, 0.05f, 0.07f), pane);
}

static struct paint boat_paint(const struct body *b, struct vec p, int part)
{
    float wear = turbulence(vec(p.x * 3, p.y * 12, p.z * 3), 3);
    float plank = smooth(0.9f, 1.0f, fabsf(wave(p.y * 12)));
    float y = p.y - 0.05f * p.x * p.x - 0.14f * p.x * most(p.x, 0);
    switch (part) {
    case HULL: {
        float rail = smooth(0.125f, 0.135f, y);
        struct vec colour = blend(b->tint, vec(0.75f, 0.7f, 0.6f), rail);
        colour = blend(vec(0.25f, 0.05f, 0.03f), colour, smooth(0.02f, 0.035f, p.y));
        return surface(scale(colour, 0.7f + 0.5f * wear - 0.25f * plank), 0.35f, 0, 1);
    }
    case SAIL: {
        float seam = smooth(0.94f, 1.0f, wave(p.y * 5)) * 0.12f;
        float band = b->seed & 1 ? smooth(0.0f, 0.02f, 0.09f - fabsf(p.y - 0.75f)) : 0;
        struct vec colour = blend(b->tint2, b->tint, band);
        return thin(scale(colour, 0.92f + 0.16f * wear - seam));
    }
    case CABIN:
        return surface(cabin_colour(p), 0.3f, 0, 1);
    case FUNNEL: {
        float band = smooth(0.06f, 0.05f, fabsf(p.y - 0.72f));
        return surface(blend(b->tint, vec(0.8f, 0.8f, 0.78f), band), 0.3f, 0, 1);
    }
    default:
        return surface(scale(vec(0.36f, 0.2f, 0.09f), 0.6f + 0.7f * wear), 0.2f, 0, 1);
    }
}

/* ---------------------------------------------------------------- clutter */

static float cookie_distance(const struct body *b, struct vec p, int *part)
{
    struct vec q = vec(p.x, p.y - 0.07f, p.z);
    float wobble = 0.015f * noise(scale(add(p, vec((float)(b->seed & 31), 0, 0)), 12));
    float d = ellipsoid(q, vec(0.3f, 0.1f, 0.3f)) - wobble;
    d = most(d, -p.y);
    *part = 0;
    for (int i = 0; i < 9; i++) {
        struct vec s = b->spot[i];
        struct vec at = vec(s.x * 0.24f, 0.13f - 0.05f * (1 - s.y), s.z * 0.24f);
        d = nearer(d, length(sub(p, at)) - 0.034f, 1, part);
    }
    return d * 0.8f;
}

static struct paint cookie_paint(const struct body *b, struct vec p, int part)
{
    (void)b;
    if (part == 1) {
        return surface(vec(0.07f, 0.03f, 0.015f), 0.4f, 0, 1);
    }
    float baked = turbulence(scale(p, 9), 3);
    return surface(blend(vec(0.62f, 0.36f, 0.14f), vec(0.34f, 0.16f, 0.05f), baked), 0.1f, 0.4f,
                   45);
}

static float book_distance(const struct body *b, struct vec p, int *part)
{
    struct vec q = vec(p.x, p.y - b->b, p.z);
    float cover = block(q, vec(0.55f, b->b, 0.4f), 0.012f);
    float gap = block(sub(q, vec(0.06f, 0, 0)), vec(0.56f, b->b - 0.018f, 0.5f), 0.003f);
    *part = 0;
    float pages = block(q, vec(0.53f, b->b - 0.017f, 0.385f), 0.003f);
    return nearer(most(cover, -gap), pages, 1, part);
}

static struct paint book_paint(const struct body *b, struct vec p, int part)
{
    if (part == 1) {
        float leafs = noise(vec(0, p.y * 260, 0));
        return surface(scale(vec(0.8f, 0.75f, 0.62f), 0.65f + 0.35f * leafs), 0, 0, 1);
    }
    float frame = fabsf(most(fabsf(p.x) - 0.45f, fabsf(p.z) - 0.3f));
    struct vec gilt = blend(b->tint, vec(0.7f, 0.55f, 0.25f), smooth(0.012f, 0.006f, frame));
    return surface(gilt, 0.3f, 0.15f, 60);
}

static float pebble_distance(const struct body *b, struct vec p, int *part)
{
    *part = 0;
    float lump = noise(scale(add(p, vec((float)(b->seed & 63), 0, 0)), 5));
    struct vec r = vec(0.45f, 0.3f * b->b, 0.35f);
    return (ellipsoid(sub(p, vec(0, 0.12f, 0)), r) - 0.1f * lump) * 0.7f;
}

static struct paint pebble_paint(const struct body *b, struct vec p, int part)
{
    (void)part;
    float vein = turbulence(scale(add(p, vec((float)(b->seed & 63), 0, 0)), 7), 4);
    return surface(scale(b->tint, 0.5f + vein), 0.1f, 0.5f, 24);
}

static float tuft_distance(const struct body *b, struct vec p, int *part)
{
    float d = 9;
    *part = 0;
    for (int i = 0; i < 9; i++) {
        struct vec s = b->spot[i];
        float bend = 0.5f * p.y * p.y;
        struct vec q = vec(p.x - s.x * (0.12f + bend), p.y, p.z - s.z * (0.12f + bend));
        d = least(d, stick(q, vec(0, 0, 0), vec(0, 0.5f + 0.45f * s.y, 0), 0.022f, 0.002f));
    }
    return d * 0.65f;
}

static struct paint tuft_paint(const struct body *b, struct vec p, int part)
{
    (void)part;
    struct vec colour = blend(scale(b->tint, 0.35f), b->tint2, clamp(p.y * 1.3f, 0, 1));
    return surface(colour, 0.15f, 0, 1);
}

/* ------------------------------------------------------------- the shapes */
struct kind {
    float (*distance)(const struct body *b, struct vec p, int *part);
    struct paint (*paint)(const struct body *b, struct vec p, int part);
    float middle, radius;  /* the sphere about it: height of its centre, size */
    float low[3], high[3]; /* the range of a, b and c */
    int variants;
};

static const struct kind kinds[SHAPES] = {
    [APPLE] = { apple_distance,
                apple_paint,
                0.5f,
                0.66f,
                { 0.1f, 0.7f, -0.15f },
                { 0.28f, 0.8f, 0.3f },
                4 },
    [BOAT] = { boat_distance,
               boat_paint,
               0.65f,
               1.22f,
               { 0.26f, 0.85f, -1 },
               { 0.36f, 1.05f, 1 },
               3 },
    [CACTUS] = { cactus_distance,
                 cactus_paint,
                 0.62f,
                 0.98f,
                 { 0.14f, 0.9f, 0 },
                 { 0.18f, 1.05f, 2 },
                 3 },
    [MUG] = { mug_distance,
              mug_paint,
              0.4f,
              0.8f,
              { 0.34f, 0.7f, -0.15f },
              { 0.44f, 0.9f, 0.2f },
              6 },
    [MUSHROOM] = { mushroom_distance,
                   mushroom_paint,
                   0.5f,
                   0.8f,
                   { 0.32f, 0.5f, 0.55f },
                   { 0.52f, 0.72f, 0.85f },
                   3 },
    [COOKIE] = { cookie_distance, cookie_paint, 0.06f, 0.38f, { 0 }, { 0 }, 1 },
    [BOOK] = { book_distance, book_paint, 0.06f, 0.76f, { 0, 0.04f, 0 }, { 0, 0.09f, 0 }, 1 },
    [PEBBLE] = { pebble_distance, pebble_paint, 0.1f, 0.58f, { 0, 0.7f, 0 }, { 0, 1.1f, 0 }, 1 },
    [TUFT] = { tuft_distance, tuft_paint, 0.45f, 0.8f, { 0 }, { 0 }, 1 },
};

/* Pairs of colours: the main one and the other. */
enum { PAIRS = 6 };
static const struct vec pairs[SHAPES][PAIRS][2] = {
    [APPLE] = { { { 0.55f, 0.02f, 0.02f }, { 0.7f, 0.45f, 0.06f } },
                { { 0.42f, 0.01f, 0.02f }, { 0.5f, 0.06f, 0.03f } },
                { { 0.3f, 0.48f, 0.05f }, { 0.42f, 0.55f, 0.09f } },
                { { 0.62f, 0.1f, 0.04f }, { 0.75f, 0.5f, 0.08f } },
                { { 0.75f, 0.5f, 0.06f }, { 0.6f, 0.55f, 0.1f } },
                { { 0.55f, 0.04f, 0.04f }, { 0.42f, 0.5f, 0.08f } } },
    [BOAT] = { { { 0.5f, 0.04f, 0.03f }, { 0.85f, 0.82f, 0.74f } },
               { { 0.04f, 0.13f, 0.3f }, { 0.9f, 0.88f, 0.82f } },
               { { 0.7f, 0.7f, 0.66f }, { 0.55f, 0.14f, 0.05f } },
               { { 0.05f, 0.22f, 0.14f }, { 0.8f, 0.7f, 0.5f } },
               { { 0.03f, 0.04f, 0.06f }, { 0.85f, 0.84f, 0.8f } },
               { { 0.35f, 0.18f, 0.07f }, { 0.75f, 0.55f, 0.15f } } },
    [CACTUS] = { { { 0.09f, 0.24f, 0.07f }, { 0.75f, 0.1f, 0.3f } },
                 { { 0.13f, 0.28f, 0.1f }, { 0.8f, 0.3f, 0.05f } },
                 { { 0.1f, 0.25f, 0.16f }, { 0.75f, 0.06f, 0.06f } },
                 { { 0.2f, 0.3f, 0.08f }, { 0.8f, 0.65f, 0.7f } },
                 { { 0.07f, 0.2f, 0.1f }, { 0.8f, 0.6f, 0.1f } },
                 { { 0.15f, 0.27f, 0.15f }, { 0.6f, 0.15f, 0.6f } } },
    [MUG] = { { { 0.7f, 0.68f, 0.62f }, { 0.05f, 0.16f, 0.4f } },
              { { 0.05f, 0.28f, 0.3f }, { 0.75f, 0.7f, 0.58f } },
              { { 0.6f, 0.06f, 0.04f }, { 0.8f, 0.78f, 0.72f } },
              { { 0.72f, 0.42f, 0.06f }, { 0.75f, 0.72f, 0.66f } },
              { { 0.62f, 0.52f, 0.4f }, { 0.12f, 0.08f, 0.06f } },
              { { 0.06f, 0.1f, 0.2f }, { 0.55f, 0.35f, 0.2f } } },
    [MUSHROOM] = { { { 0.45f, 0.008f, 0.006f }, { 0.55f, 0.045f, 0.012f } },
                   { { 0.28f, 0.12f, 0.04f }, { 0.4f, 0.22f, 0.09f } },
                   { { 0.48f, 0.28f, 0.1f }, { 0.62f, 0.45f, 0.22f } },
                   { { 0.5f, 0.02f, 0.008f }, { 0.6f, 0.1f, 0.02f } },
                   { { 0.2f, 0.11f, 0.06f }, { 0.35f, 0.25f, 0.15f } },
                   { { 0.62f, 0.5f, 0.36f }, { 0.7f, 0.62f, 0.5f } } },
    [BOOK] = { { { 0.3f, 0.03f, 0.03f } },
               { { 0.03f, 0.1f, 0.2f } },
               { { 0.04f, 0.16f, 0.08f } },
               { { 0.2f, 0.12f, 0.05f } },
               { { 0.3f, 0.25f, 0.15f } },
               { { 0.1f, 0.04f, 0.12f } } },
    [PEBBLE] = { { { 0.35f, 0.33f, 0.3f } },
                 { { 0.28f, 0.28f, 0.3f } },
                 { { 0.4f, 0.32f, 0.24f } },
                 { { 0.2f, 0.2f, 0.2f } },
                 { { 0.45f, 0.4f, 0.35f } },
                 { { 0.3f, 0.24f, 0.2f } } },
    [TUFT] = { { { 0.1f, 0.2f, 0.03f }, { 0.2f, 0.36f, 0.06f } },
               { { 0.12f, 0.2f, 0.04f }, { 0.28f, 0.38f, 0.08f } },
               { { 0.08f, 0.18f, 0.04f }, { 0.14f, 0.3f, 0.06f } },
               { { 0.16f, 0.18f, 0.05f }, { 0.4f, 0.36f, 0.14f } },
               { { 0.1f, 0.2f, 0.03f }, { 0.22f, 0.36f, 0.05f } },
               { { 0.1f, 0.16f, 0.05f }, { 0.2f, 0.3f, 0.1f } } },
};

void body_init(struct body *b, enum shape shape, struct vec at, uint32_t *rng)
{
    const struct kind *k = &kinds[shape];
    *b = (struct body){ .shape = shape, .at = at, .scale = 1 };
    b->a = between(rng, k->low[0], k->high[0]);
    b->b = between(rng, k->low[1], k->high[1]);
    b->c = between(rng, k->low[2], k->high[2]);
    b->variant = (int)(draw(rng) * (float)k->variants);
    b->seed = hash((uint32_t)(draw(rng) * 65536) + 1);
    body_dye(b, (int)(draw(rng) * PAIRS));
    for (int i = 0; i < SPOTS; i++) { /* evenly over the upper half, jittered */
        float y = 1 - ((float)i + between(rng, 0.1f, 0.9f)) / SPOTS;
        float t = (float)i * 0.381966f + between(rng, -0.04f, 0.04f), r = sqrtf(1 - y * y);
        b->spot[i] = vec(r * wave(t), y, r * wave(t - 0.25f));
    }
    body_turn(b, between(rng, 0, 1), 0);
}

void body_dye(struct body *b, int pair)
{
    b->tint = pairs[b->shape][pair % PAIRS][0];
    b->tint2 = pairs[b->shape][pair % PAIRS][1];
}

void body_turn(struct body *b, float yaw, float roll)
{
    b->yaw_cos = wave(yaw);
    b->yaw_sin = wave(yaw - 0.25f);
    float norm = 1 / length2(b->yaw_cos, b->yaw_sin);
    b->yaw_cos *= norm;
    b->yaw_sin *= norm;
    b->roll_cos = wave(roll);
    b->roll_sin = wave(roll - 0.25f);
    norm = 1 / length2(b->roll_cos, b->roll_sin);
    b->roll_cos *= norm;
    b->roll_sin *= norm;
}

/* From the world into the body's own frame; rolls about its middle. */
static struct vec own_frame(const struct body *b, struct vec p)
{
    float middle = kinds[b->shape].middle;
    p = scale(sub(p, b->at), 1 / b->scale);
    p = vec(p.x * b->yaw_cos - p.z * b->yaw_sin, p.y, p.x * b->yaw_sin + p.z * b->yaw_cos);
    float y = p.y - middle;
    return vec(p.x * b->roll_cos - y * b->roll_sin, p.x * b->roll_sin + y * b->roll_cos + middle,
               p.z);
}

struct vec body_centre(const struct body *b)
{
    return vec(b->at.x, b->at.y + kinds[b->shape].middle * b->scale, b->at.z);
}

float body_radius(const struct body *b)
{
    return kinds[b->shape].radius * b->scale;
}

float body_distance(const struct body *b, struct vec p, int *part)
{
    return kinds[b->shape].distance(b, own_frame(b, p), part) * b->scale;
}

struct paint body_paint(const struct body *b, struct vec p, int part)
{
    return kinds[b->shape].paint(b, own_frame(b, p), part);
}
