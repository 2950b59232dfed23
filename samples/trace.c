/* Light, ground, backdrop and camera. */
#include <stdbool.h>

#include "scene.h"

#define FAR 1e9f

struct ray {
    struct vec from, to; /* to: unit vector */
    uint32_t near;       /* the bodies it may meet, one a bit */
    float enter, leave;  /* where it meets their spheres */
};

struct hit {
    float t; /* FAR: nothing */
    int body, part;
};

/* --------------------------------------------------------------- the march */

/* Which bodies' spheres, grown by `margin`, the ray passes through. */
static void ray_aim(const struct scene *s, struct ray *r, float margin)
{
    r->near = 0;
    r->enter = FAR;
    r->leave = 0;
    for (int i = 0; i < s->bodies; i++) {
        struct vec oc = sub(body_centre(&s->body[i]), r->from);
        float radius = body_radius(&s->body[i]) + margin, b = dot(oc, r->to);
        float h = radius * radius - (dot(oc, oc) - b * b);
        if (h <= 0 || b + sqrtf(h) <= 0) {
            continue;
        }
        r->near |= 1u << i;
        r->enter = least(r->enter, most(b - sqrtf(h), 0));
        r->leave = most(r->leave, b + sqrtf(h));
    }
}

/* The distance to the nearest of the bodies `near`; *hit gets that body and part. Farther than
 * `exact` from a body's sphere, the distance to the sphere is good enough. */
static float nearest(const struct scene *s, uint32_t near, struct vec p, float exact,
                     struct hit *hit)
{
    float d = 4;
    for (int i = 0; near != 0; i++, near >>= 1) {
        if (!(near & 1)) {
            continue;
        }
        float ball = length(sub(p, body_centre(&s->body[i]))) - body_radius(&s->body[i]);
        if (ball >= d) {
            continue;
        }
        int part = 0;
        float own = ball > exact ? ball : body_distance(&s->body[i], p, &part);
        if (own < d) {
            d = own;
            hit->body = i;
            hit->part = part;
        }
    }
    return d;
}

static struct hit march(const struct scene *s, struct ray *r)
{
    struct hit hit = { FAR, 0, 0 };
    ray_aim(s, r, 0);
    float t = r->enter;
    for (int i = 0; i < 140 && t < r->leave; i++) {
        float d = nearest(s, r->near, along(r->from, r->to, t), 0.1f, &hit);
        if (d < 0.0006f * (t + 0.5f)) {
            hit.t = t;
            return hit;
        }
        t += d;
    }
    return hit;
}

/* 0 in full shade, 1 in full sun; blurred by the size of the sun. */
static float sunlit(const struct scene *s, struct vec p, struct vec n)
{
    float sharp = s->setting.backdrop == SKY ? 16 : 6, lit = 1;
    struct ray r = { along(p, n, 0.006f), s->sun, 0, 0, 0 };
    ray_aim(s, &r, 0.3f);
    struct hit hit;
    float t = most(r.enter, 0.004f);
    for (int i = 0; i < 44 && t < r.leave && lit > 0.01f; i++) {
        float d = nearest(s, r.near, along(r.from, r.to, t), 0.5f, &hit);
        lit = least(lit, sharp * d / t + 0.02f);
        t += clamp(d, 0.015f, 0.3f);
    }
    lit = clamp(lit, 0, 1);
    return lit * lit * (3 - 2 * lit);
}

/* How open the place is: 1 is free, 0 is a crevice. */
static float openness(const struct scene *s, struct vec p, struct vec n)
{
    uint32_t near = 0;
    for (int i = 0; i < s->bodies; i++) {
        float d = length(sub(p, body_centre(&s->body[i]))) - body_radius(&s->body[i]);
        near |= d < 0.4f ? 1u << i : 0;
    }
    float shut = 0, weight = 1;
    for (int i = 1; i <= 4; i++, weight *= 0.62f) {
        float h = 0.025f * (float)(i * i);
        struct vec q = along(p, n, h);
        struct hit hit;
        float d = least(nearest(s, near, q, 0.4f, &hit), q.y + 0.004f);
        shut += weight * most(0, h - d) / h;
    }
    return clamp(1 - 0.42f * shut, 0.05f, 1);
}

static struct vec surface_normal(const struct scene *s, int body, struct vec p)
{
    static const float corner[4][3] = { { 1, -1, -1 }, { -1, -1, 1 }, { -1, 1, -1 }, { 1, 1, 1 } };
    struct vec n = vec(0, 0, 0);
    for (int i = 0; i < 4; i++) {
        struct vec e = vec(corner[i][0], corner[i][1], corner[i][2]);
        int part;
        n = along(n, e, body_distance(&s->body[body], along(p, e, 0.0012f), &part));
    }
    return unit(along(n, vec(0, 1, 0), 1e-9f));
}

/* ------------------------------------------------------------ the backdrop */

/* Blurred lights: one disc in a `share` of the cells of the picture's plane. */
static float discs(float x, float y, float size, float share)
{
    x /= size;
    y /= size;
    int cx = (int)floorf(x), cy = (int)floorf(y);
    float sum = 0;
    for (int i = cx - 1; i <= cx + 1; i++) {
        for (int j = cy - 1; j <= cy + 1; j++) {
            if (lattice(i, j, 1) > share) {
                continue;
            }
            float dx = (float)i + lattice(i, j, 2) - x, dy = (float)j + lattice(i, j, 3) - y;
            float d = length2(dx, dy), r = 0.3f + 0.2f * lattice(i, j, 4);
            float rim = 0.75f + 0.25f * smooth(0.5f * r, r, d);
            sum += (0.3f + 0.7f * lattice(i, j, 5)) * rim * smooth(r, r - 0.05f, d);
        }
    }
    return sum;
}

static struct vec wall(const struct scene *s, struct vec d)
{
    const struct setting *g = &s->setting;
    float z = most(d.z, 0.05f), x = d.x / z, y = d.y / z;
    struct vec colour = blend(g->low, g->high, smooth(-0.5f, 0.7f, y + 0.3f * x));
    float shift = (float)(s->seed & 7) * 0.05f - 0.2f;
    float px = (x - 0.5f * y + shift) * 1.7f, py = y * 2.1f + 0.2f; /* the window's light */
    float pane = smooth(0.03f, 0.09f, fabsf(px)) * smooth(0.03f, 0.09f, fabsf(py - 0.3f));
    pane *= smooth(0.75f, 0.65f, fabsf(px)) * smooth(0.85f, 0.75f, fabsf(py - 0.3f));
    float worn = 0.92f + 0.16f * turbulence(vec(x * 5, y * 5, shift), 3);
    return scale(add(colour, scale(mul(colour, g->sun), 0.22f * pane * (float)(s->seed >> 4 & 1))),
                 worn);
}

static struct vec lamps(const struct scene *s, struct vec d)
{
    float z = most(d.z, 0.05f), x = d.x / z + (float)(s->seed & 63), y = d.y / z;
    struct vec colour = blend(s->setting.low, s->setting.high, smooth(-0.3f, 0.6f, y));
    colour = scale(colour, 0.7f + 0.6f * noise(vec(x * 3, y * 3, 0)));
    float near = discs(x, y + 9, 0.17f, 0.34f), small = discs(x + 31, y, 0.09f, 0.25f);
    colour = along(colour, vec(1.5f, 0.75f, 0.26f), near * smooth(-0.25f, 0.05f, y));
    return along(colour, vec(0.9f, 0.5f, 0.3f), 0.6f * small * smooth(-0.2f, 0.1f, y));
}

static struct vec woods(const struct scene *s, struct vec d)
{
    float z = most(d.z, 0.05f), x = d.x / z + (float)(s->seed & 63), y = d.y / z;
    float trunk = noise(vec(x * 9, y * 0.25f, 3)), bush = turbulence(vec(x * 4, y * 5, 8), 3);
    struct vec colour = blend(s->setting.low, s->setting.high, smooth(0.3f, 0.7f, bush + 0.5f * y));
    colour = scale(colour, 0.3f + 0.9f * smooth(0.22f, 0.5f, trunk));
    float leaf = discs(x, y, 0.12f, 0.5f) * smooth(-0.02f, 0.3f, y);
    leaf += discs(x + 7, y + 3, 0.07f, 0.3f) * smooth(0.05f, 0.4f, y);
    return along(colour, add(scale(s->setting.high, 1.5f), scale(s->setting.sun, 0.1f)), leaf);
}

static struct vec sky(const struct scene *s, struct vec d)
{
    const struct setting *g = &s->setting;
    float y = most(d.y, 0), toward = most(dot(d, s->sun), 0), shift = (float)(s->seed & 63);
    struct vec colour = blend(g->low, g->high, smooth(-0.12f, 0.5f, y));
    float reach = 1 / (y + 0.13f);
    float puff = turbulence(vec(d.x * reach * 1.1f + shift, shift, d.z * reach * 1.1f), 5);
    float cloud = smooth(0.47f, 0.72f, puff) * smooth(0.0f, 0.12f, y);
    struct vec lit = add(scale(g->shade, 0.5f), scale(g->sun, 0.17f + 0.2f * power(toward, 8)));
    colour = blend(colour, lit, 0.85f * cloud);
    colour = along(colour, g->sun, 0.22f * power(toward, 32) + 0.12f * power(toward, 6));
    colour = along(colour, g->sun, 3 * smooth(0.9975f, 0.9985f, toward) * (1 - cloud));
    float turn = turns(d.x, d.z);
    float ridge = g->hills * turbulence(vec(turn * 22 + shift, 1, 2), 4) - 0.35f * g->hills;
    float ridge2 = g->hills * turbulence(vec(turn * 13 + shift, 5, 2), 4) - 0.25f * g->hills;
    struct vec haze = blend(g->low, scale(g->shade, 0.25f), 0.35f);
    colour = blend(colour, haze, smooth(-0.001f, 0.002f, ridge2 - d.y));
    haze = blend(g->low, mul(g->ground_b, g->shade), 0.6f);
    return blend(colour, haze, smooth(-0.001f, 0.002f, ridge - d.y));
}

static struct vec backdrop(const struct scene *s, struct vec d)
{
    switch (s->setting.backdrop) {
    case WALL:
        return wall(s, d);
    case LAMPS:
        return lamps(s, d);
    case WOODS:
        return woods(s, d);
    default:
        return sky(s, d);
    }
}

/* What a glossy surface mirrors: the backdrop, and indoors a bright window. */
static struct vec mirrored(const struct scene *s, struct vec d)
{
    if (d.y < 0) {
        return scale(mul(s->setting.ground_a, s->setting.shade), 0.6f);
    }
    if (s->setting.backdrop == SKY) {
        return sky(s, d);
    }
    struct vec room = scale(blend(s->setting.low, s->setting.high, d.y), 0.6f);
    struct vec side = unit(cross(vec(0, 1, 0), s->sun)), top = cross(s->sun, side);
    float x = dot(d, side), y = dot(d, top);
    float pane =
        dot(d, s->sun) > 0 ? smooth(0.27f, 0.23f, fabsf(x)) * smooth(0.38f, 0.34f, fabsf(y)) : 0;
    pane *= smooth(0.012f, 0.03f, fabsf(x)) * smooth(0.012f, 0.03f, fabsf(y - 0.05f));
    return along(room, s->setting.sun, 1.3f * pane);
}

/* -------------------------------------------------------------- the ground */

static struct paint wood(const struct setting *g, float x, float z)
{
    float plank = floorf(z * 1.6f), across = z * 1.6f - plank;
    float shift = lattice((int)plank, 3, 1) * 40;
    float warp = turbulence(vec(x * 0.7f + shift, 0, z * 3), 3);
    float ring = wave(z * 4 + warp * 5 + shift), fibre = noise(vec(x * 4 + shift, 0, z * 70));
    float t =
        clamp(0.45f + 0.25f * ring + 0.5f * (fibre - 0.5f) + 0.5f * (shift / 40 - 0.5f), 0, 1);
    float gap = smooth(0.0f, 0.012f, across) * smooth(0.0f, 0.012f, 1 - across);
    struct vec colour = scale(blend(g->ground_a, g->ground_b, t), 0.2f + 0.8f * gap);
    return surface(colour, 0.3f, 0.05f, 30);
}

static struct paint cloth(const struct setting *g, float x, float z)
{
    float u = smooth(-0.03f, 0.03f, wave(x * 2.4f)), v = smooth(-0.03f, 0.03f, wave(z * 2.4f));
    float thread = 0.8f + 0.2f * wave(x * 60) * wave(z * 60);
    struct vec colour = blend(g->ground_a, g->ground_b, 0.5f * (u + v));
    return surface(scale(colour, thread), 0, 0.25f, 40);
}

static struct paint marble(const struct setting *g, float x, float z)
{
    float warp = turbulence(vec(x * 1.5f, 4, z * 1.5f), 4);
    float vein = 1 - fabsf(2 * turbulence(vec(x + 2.2f * warp, 1, z * 1.4f + warp), 4) - 1);
    struct vec colour = blend(g->ground_a, g->ground_b, 0.8f * smooth(0.86f, 1.0f, vein));
    return surface(scale(colour, 0.85f + 0.3f * warp), 0.7f, 0, 1);
}

static struct paint tiles(const struct setting *g, float x, float z)
{
    float u = x * 1.7f, v = z * 1.7f, cu = floorf(u), cv = floorf(v);
    u = fabsf(u - cu - 0.5f);
    v = fabsf(v - cv - 0.5f);
    float grout = smooth(0.478f, 0.488f, most(u, v)), tone = lattice((int)cu, 7, (int)cv);
    float star = smooth(0.02f, -0.02f, fabsf(length2(u - 0.5f, v - 0.5f) - 0.3f) - 0.05f);
    struct vec colour = blend(g->ground_a, g->ground_b, 0.75f * star + 0.12f * tone);
    colour = blend(colour, vec(0.4f, 0.38f, 0.35f), grout);
    return surface(colour, 0.6f * (1 - grout), 0.04f, 8);
}

static struct paint concrete(const struct setting *g, float x, float z)
{
    float blot = turbulence(vec(x * 2, 0, z * 2), 5), pit = noise(vec(x * 55, 2, z * 55));
    struct vec colour = blend(g->ground_a, g->ground_b, smooth(0.3f, 0.7f, blot));
    return surface(scale(colour, 1 - 0.5f * smooth(0.8f, 0.95f, pit)), 0.1f, 0.25f, 40);
}

static struct paint grass(const struct setting *g, float x, float z)
{
    float patch = turbulence(vec(x * 1.3f, 0, z * 1.3f), 3);
    float blade = noise(vec(x * 42 + 5 * patch, 0, z * 15)) * noise(vec(x * 21, 5, z * 9));
    struct vec colour = blend(g->ground_a, g->ground_b, smooth(0.25f, 0.75f, patch));
    colour = scale(colour, 0.25f + 2.2f * blade);
    uint32_t id;
    float bloom = cells(x * 2.3f, z * 2.3f, &id);
    float petal = id % 5 == 0 ? smooth(0.07f, 0.05f, bloom) : 0;
    colour = blend(colour, id & 64 ? vec(0.8f, 0.78f, 0.7f) : vec(0.75f, 0.6f, 0.05f), petal);
    return surface(colour, 0, 0.9f, 18);
}

static struct paint leaves(const struct setting *g, float x, float z)
{
    uint32_t id, under;
    float warp = noise(vec(x * 7, 0, z * 7)), bend = noise(vec(x * 7, 5, z * 7));
    float d = cells(x * 4.5f + warp, z * 4.5f + bend, &id);
    float e = cells(x * 9 + bend, z * 9 + warp, &under);
    struct vec colour = blend(g->ground_a, g->ground_b, (float)(id & 255) / 255);
    struct vec low = scale(blend(g->ground_a, g->ground_b, (float)(under & 255) / 255), 0.35f);
    colour = scale(colour, 0.55f + 0.7f * (float)(id >> 8 & 255) / 255);
    colour = blend(colour, scale(low, 1.2f - e), smooth(0.34f, 0.4f, d));
    colour = scale(colour, 0.65f + 0.5f * turbulence(vec(x * 14, 0, z * 14), 2));
    float moss = smooth(0.55f, 0.72f, turbulence(vec(x * 1.4f, 9, z * 1.4f), 4));
    colour =
        blend(colour, scale(vec(0.1f, 0.17f, 0.02f), 0.4f + noise(vec(x * 40, 1, z * 40))), moss);
    return surface(colour, 0.08f, 0.9f, 9);
}

static struct paint sand(const struct setting *g, float x, float z)
{
    float warp = turbulence(vec(x * 0.8f, 0, z * 0.8f), 3);
    float ripple = wave(z * 3.2f + 2.4f * warp + 0.3f * x), fine = noise(vec(x * 90, 0, z * 90));
    float t = clamp(0.5f + 0.28f * ripple + 0.5f * (warp - 0.5f), 0, 1);
    struct vec colour = scale(blend(g->ground_b, g->ground_a, t), 0.85f + 0.3f * fine);
    return surface(colour, 0, 0.4f, 7);
}

static struct paint snow(const struct setting *g, float x, float z)
{
    float drift = turbulence(vec(x * 1.2f, 0, z * 1.2f), 3), fine = noise(vec(x * 80, 0, z * 80));
    struct vec colour = blend(g->ground_b, g->ground_a, smooth(0.2f, 0.6f, drift));
    return surface(scale(colour, 0.94f + 0.12f * fine), 0.1f, 0.35f, 5);
}

static struct paint ground_paint(const struct scene *s, struct vec p)
{
    static struct paint (*const paints[])(const struct setting *, float, float) = {
        wood, cloth, marble, tiles, concrete, grass, leaves, sand, snow,
    };
    float turn = (float)(s->seed >> 8 & 255) * (1.0f / 2048) - 0.06f, shift = (float)(s->seed & 15);
    return paints[s->setting.ground](&s->setting, p.x + turn * p.z + shift,
                                     p.z - turn * p.x + shift);
}

/* ----------------------------------------------------------------- shading */

static struct vec roughen(struct vec n, struct vec p, const struct paint *c)
{
    if (c->bump <= 0) {
        return n;
    }
    struct vec q = scale(p, c->grain);
    float here = noise(q);
    struct vec slope =
        vec(noise(vec(q.x + 0.3f, q.y, q.z)) - here, noise(vec(q.x, q.y + 0.3f, q.z)) - here,
            noise(vec(q.x, q.y, q.z + 0.3f)) - here);
    return unit(along(n, sub(slope, scale(n, dot(slope, n))), -3.3f * c->bump));
}

static struct vec shade(const struct scene *s, struct vec p, struct vec to, struct vec n,
                        const struct paint *c)
{
    const struct setting *g = &s->setting;
    float open = openness(s, p, n);
    struct vec m = roughen(n, p, c);
    float facing = dot(m, s->sun), lit = facing > 0 ? sunlit(s, p, n) : 0;
    if (facing < 0 && c->thin > 0) {
        lit = c->thin * sunlit(s, along(p, n, -0.03f), scale(n, -1));
    }
    struct vec light = scale(g->sun, fabsf(facing) * lit);
    light = along(light, g->shade, open * (0.62f + 0.38f * m.y));
    struct vec bounce = mul(g->ground_a, add(scale(g->sun, 0.4f * most(s->sun.y, 0)), g->shade));
    light = along(light, bounce, 0.35f * open * (0.5f - 0.5f * m.y));
    struct vec colour = mul(c->colour, light);
    float grazing = power(1 - clamp(-dot(to, m), 0, 1), 5);
    float share = c->gloss * (0.045f + 0.6f * grazing) * open;
    colour = along(scale(colour, 1 - share), mirrored(s, reflect(to, m)), share);
    float shine = most(dot(reflect(to, m), s->sun), 0);
    int sharp = c->gloss > 0.5f ? 90 : 16;
    return along(colour, g->sun, 0.45f * c->gloss * lit * power(shine, sharp));
}

static struct vec shade_body(const struct scene *s, const struct ray *r, const struct hit *hit)
{
    struct vec p = along(r->from, r->to, hit->t);
    struct paint c = body_paint(&s->body[hit->body], p, hit->part);
    struct vec n = surface_normal(s, hit->body, p);
    return shade(s, p, r->to, dot(n, r->to) > 0 ? scale(n, -1) : n, &c);
}

static float swell(const struct scene *s, float x, float z)
{
    float shift = (float)(s->seed & 63);
    float h = turbulence(vec(x * 0.9f + shift, 0, z * 2.1f), 3);
    return h + 0.35f * noise(vec(x * 5.5f + shift, 1, z * 11));
}

static struct vec shade_water(const struct scene *s, struct vec p, struct vec to, float t)
{
    const struct setting *g = &s->setting;
    float e = 0.02f + 0.004f * t, calm = 0.12f / (1 + 0.04f * t), here = swell(s, p.x, p.z);
    struct vec n = unit(vec((here - swell(s, p.x + e, p.z)) / e * calm, 1,
                            (here - swell(s, p.x, p.z + e)) / e * calm));
    struct vec up = reflect(to, n);
    up.y = fabsf(up.y) + 0.01f;
    struct ray r = { along(p, n, 0.01f), unit(up), 0, 0, 0 };
    struct hit hit = march(s, &r), foam_hit;
    struct vec image = hit.t < FAR ? shade_body(s, &r, &hit) : sky(s, r.to);
    float share = 0.03f + 0.97f * power(1 - clamp(-dot(to, n), 0, 1), 5);
    struct vec depth =
        mul(blend(g->ground_a, g->ground_b, here * 0.6f), add(g->shade, scale(g->sun, 0.3f)));
    depth = scale(depth, 0.5f + 0.5f * sunlit(s, p, vec(0, 1, 0)));
    struct vec colour = blend(depth, image, clamp(share, 0, 0.9f));
    colour = along(colour, g->sun, 2 * power(most(dot(r.to, s->sun), 0), 220));
    float edge = nearest(s, (1u << s->bodies) - 1, vec(p.x, 0.02f, p.z), 0.1f, &foam_hit);
    float foam = smooth(0.07f, 0.0f, edge) * smooth(0.35f, 0.6f, noise(vec(p.x * 22, 0, p.z * 22)));
    foam += smooth(1.02f, 1.12f, here) * smooth(0.4f, 0.7f, noise(vec(p.x * 14, 7, p.z * 20)));
    return blend(colour, add(g->shade, scale(g->sun, 0.25f)), 0.6f * clamp(foam, 0, 1));
}

static struct vec shade_ground(const struct scene *s, const struct ray *r, float t)
{
    struct vec p = along(r->from, r->to, t), up = vec(0, 1, 0);
    const struct setting *g = &s->setting;
    struct vec colour;
    if (g->ground == WATER) {
        colour = shade_water(s, p, r->to, t);
    } else {
        struct paint c = ground_paint(s, p);
        c.bump /= 1 + 0.05f * t * t;
        colour = shade(s, p, r->to, up, &c);
    }
    if (g->backdrop == SKY) {
        return blend(colour, g->low, 0.8f * smooth(3, 60, t));
    }
    return g->backdrop == WOODS ? blend(colour, woods(s, r->to), smooth(3, 12, t)) : colour;
}

/* The table's far edge; open country has none. */
static bool on_ground(const struct scene *s, struct vec p)
{
    return s->setting.backdrop == SKY || s->setting.backdrop == WOODS || p.z < 1.5f + 0.05f * p.x;
}

struct vec trace(const struct scene *s, float u, float v, uint32_t *rng, float *cover)
{
    float turn = draw(rng), wide = s->lens * sqrtf(draw(rng));
    struct vec off = along(scale(s->right, wide * wave(turn)), s->up, wide * wave(turn - 0.25f));
    struct vec sharp = along(along(scale(s->ahead, s->zoom), s->right, u), s->up, v);
    struct vec to = sub(scale(sharp, s->focus / s->zoom), off);
    struct ray r = { add(s->eye, off), unit(to), 0, 0, 0 };
    struct hit hit = march(s, &r);
    float floor_t = r.to.y < 0 ? -r.from.y / r.to.y : FAR;
    if (hit.t < floor_t) {
        *cover += 1;
        return shade_body(s, &r, &hit);
    }
    if (floor_t < 400 && on_ground(s, along(r.from, r.to, floor_t))) {
        return shade_ground(s, &r, floor_t);
    }
    return backdrop(s, unit(sharp));
}
