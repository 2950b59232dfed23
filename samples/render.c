/* Draws the sample pictures: render DIR [FIRST [LAST]]
 *
 * Writes DIR/photos/IMG_0001.jpg and so on; without FIRST also DIR/truth.csv
 * and DIR/classes.txt. The same program writes the same bytes each time. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>

#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

#include "scene.h"

/* ------------------------------------------------------------ the settings */
/* clang-format off */
enum place {
    OAK, WALNUT, GINGHAM, MARBLE_TOP, KITCHEN, STONE, CAFE, MEADOW, FOREST, AUTUMN,
    DESERT, DUSK, WINTER, SEA, SUNSET, OVERCAST, LAKE, NIGHT, PLACES,
};
/* clang-format on */

/* Ground and backdrop; colours of the ground, of the backdrop (high, low), of
 * sun and shade; the sun's height and turn; the hills. */
/* clang-format off */
static const struct setting settings[PLACES] = {
    [OAK] = { WOOD, WALL, { 0.50f, 0.29f, 0.13f }, { 0.30f, 0.15f, 0.06f },
        { 0.62f, 0.55f, 0.44f }, { 0.36f, 0.30f, 0.23f },
        { 2.3f, 2.0f, 1.6f }, { 0.55f, 0.55f, 0.6f }, 0.62f, 0.34f, 0 },
    [WALNUT] = { WOOD, LAMPS, { 0.15f, 0.07f, 0.035f }, { 0.07f, 0.03f, 0.015f },
        { 0.05f, 0.04f, 0.06f }, { 0.11f, 0.06f, 0.035f },
        { 2.6f, 1.9f, 1.2f }, { 0.34f, 0.3f, 0.34f }, 0.6f, 0.38f, 0 },
    [GINGHAM] = { CLOTH, WALL, { 0.75f, 0.72f, 0.66f }, { 0.45f, 0.04f, 0.04f },
        { 0.45f, 0.58f, 0.62f }, { 0.25f, 0.36f, 0.42f },
        { 2.3f, 2.1f, 1.8f }, { 0.5f, 0.56f, 0.65f }, 0.6f, -0.33f, 0 },
    [MARBLE_TOP] = { MARBLE, WALL, { 0.62f, 0.61f, 0.59f }, { 0.25f, 0.25f, 0.27f },
        { 0.33f, 0.42f, 0.36f }, { 0.16f, 0.24f, 0.2f },
        { 2.0f, 1.9f, 1.75f }, { 0.5f, 0.55f, 0.58f }, 0.7f, -0.3f, 0 },
    [KITCHEN] = { TILES, WALL, { 0.66f, 0.62f, 0.52f }, { 0.06f, 0.17f, 0.32f },
        { 0.75f, 0.58f, 0.28f }, { 0.5f, 0.34f, 0.14f },
        { 2.2f, 2.0f, 1.6f }, { 0.5f, 0.52f, 0.58f }, 0.65f, 0.36f, 0 },
    [STONE] = { CONCRETE, WALL, { 0.34f, 0.33f, 0.32f }, { 0.22f, 0.22f, 0.22f },
        { 0.1f, 0.2f, 0.23f }, { 0.04f, 0.09f, 0.11f },
        { 2.5f, 2.3f, 2.0f }, { 0.38f, 0.44f, 0.5f }, 0.7f, -0.36f, 0 },
    [CAFE] = { WOOD, LAMPS, { 0.36f, 0.2f, 0.09f }, { 0.2f, 0.1f, 0.04f },
        { 0.14f, 0.12f, 0.1f }, { 0.22f, 0.13f, 0.07f },
        { 2.2f, 1.8f, 1.3f }, { 0.48f, 0.44f, 0.42f }, 0.62f, -0.34f, 0 },
    [MEADOW] = { GRASS, WOODS, { 0.16f, 0.27f, 0.04f }, { 0.08f, 0.18f, 0.02f },
        { 0.5f, 0.66f, 0.26f }, { 0.12f, 0.25f, 0.05f },
        { 2.7f, 2.5f, 1.9f }, { 0.5f, 0.6f, 0.62f }, 0.7f, 0.3f, 0 },
    [FOREST] = { LEAVES, WOODS, { 0.2f, 0.11f, 0.04f }, { 0.1f, 0.1f, 0.03f },
        { 0.28f, 0.4f, 0.14f }, { 0.02f, 0.05f, 0.015f },
        { 2.5f, 2.2f, 1.6f }, { 0.38f, 0.46f, 0.4f }, 0.75f, 0.28f, 0 },
    [AUTUMN] = { LEAVES, WOODS, { 0.42f, 0.14f, 0.03f }, { 0.3f, 0.2f, 0.04f },
        { 0.75f, 0.42f, 0.1f }, { 0.12f, 0.05f, 0.02f },
        { 2.6f, 2.1f, 1.4f }, { 0.46f, 0.44f, 0.44f }, 0.6f, -0.26f, 0 },
    [DESERT] = { SAND, SKY, { 0.62f, 0.43f, 0.25f }, { 0.45f, 0.27f, 0.14f },
        { 0.16f, 0.36f, 0.68f }, { 0.62f, 0.66f, 0.66f },
        { 2.8f, 2.5f, 2.0f }, { 0.5f, 0.6f, 0.75f }, 0.6f, 0.35f, 0.09f },
    [DUSK] = { SAND, SKY, { 0.5f, 0.3f, 0.2f }, { 0.34f, 0.18f, 0.13f },
        { 0.2f, 0.2f, 0.42f }, { 0.95f, 0.42f, 0.2f },
        { 2.4f, 1.3f, 0.6f }, { 0.45f, 0.4f, 0.55f }, 0.22f, -0.17f, 0.12f },
    [WINTER] = { SNOW, WOODS, { 0.78f, 0.8f, 0.84f }, { 0.6f, 0.66f, 0.76f },
        { 0.62f, 0.68f, 0.74f }, { 0.2f, 0.25f, 0.3f },
        { 1.7f, 1.5f, 1.25f }, { 0.5f, 0.58f, 0.72f }, 0.5f, -0.32f, 0 },
    [SEA] = { WATER, SKY, { 0.01f, 0.09f, 0.14f }, { 0.02f, 0.16f, 0.19f },
        { 0.12f, 0.34f, 0.7f }, { 0.6f, 0.72f, 0.8f },
        { 2.6f, 2.4f, 2.1f }, { 0.6f, 0.68f, 0.8f }, 0.6f, 0.36f, 0.0f },
    [SUNSET] = { WATER, SKY, { 0.02f, 0.04f, 0.08f }, { 0.03f, 0.07f, 0.1f },
        { 0.2f, 0.18f, 0.4f }, { 1.1f, 0.45f, 0.14f },
        { 2.6f, 1.3f, 0.5f }, { 0.5f, 0.4f, 0.45f }, 0.12f, 0.06f, 0.02f },
    [OVERCAST] = { WATER, SKY, { 0.02f, 0.06f, 0.07f }, { 0.04f, 0.1f, 0.1f },
        { 0.4f, 0.45f, 0.5f }, { 0.7f, 0.72f, 0.72f },
        { 1.1f, 1.1f, 1.1f }, { 0.8f, 0.84f, 0.88f }, 0.7f, 0.3f, 0.05f },
    [LAKE] = { WATER, SKY, { 0.01f, 0.07f, 0.07f }, { 0.03f, 0.14f, 0.1f },
        { 0.2f, 0.42f, 0.72f }, { 0.75f, 0.78f, 0.74f },
        { 2.5f, 2.2f, 1.7f }, { 0.55f, 0.62f, 0.7f }, 0.5f, -0.33f, 0.2f },
    [NIGHT] = { WATER, SKY, { 0.004f, 0.012f, 0.03f }, { 0.008f, 0.03f, 0.05f },
        { 0.012f, 0.025f, 0.08f }, { 0.06f, 0.1f, 0.2f },
        { 1.3f, 1.4f, 1.6f }, { 0.13f, 0.18f, 0.32f }, 0.26f, 0.045f, 0.06f },
};
/* clang-format on */

/* ------------------------------------------------------------ the pictures */
enum encoding { JPEG, JPEG_GREY, JPEG_TURNED, PNG, PNG_GREY, PNG_ALPHA };

struct shot {
    enum shape subject;
    int variant, pair; /* its build and its colours */
    enum place place;
    int width, height;
    enum encoding encoding;
};

static const struct shot shots[] = {
    { CACTUS, 2, 1, DUSK, 300, 400, JPEG },
    { MUSHROOM, 2, 2, AUTUMN, 640, 480, JPEG },
    { APPLE, 0, 0, STONE, 192, 256, PNG },
    { CACTUS, 0, 0, OAK, 320, 240, JPEG },
    { APPLE, 1, 3, AUTUMN, 320, 320, JPEG },
    { BOAT, 2, 4, LAKE, 900, 300, JPEG },
    { CACTUS, 2, 4, KITCHEN, 800, 600, JPEG },
    { MUG, 3, 0, KITCHEN, 280, 280, PNG_ALPHA },
    { BOAT, 0, 0, SEA, 400, 300, JPEG },
    { MUG, 3, 2, MEADOW, 640, 480, JPEG },
    { MUSHROOM, 1, 0, FOREST, 1600, 1200, JPEG },
    { BOAT, 0, 4, OVERCAST, 400, 300, JPEG_GREY },
    { APPLE, 2, 2, OAK, 256, 192, PNG },
    { MUSHROOM, 1, 3, AUTUMN, 300, 400, JPEG },
    { MUG, 5, 3, MARBLE_TOP, 400, 300, JPEG },
    { APPLE, 1, 0, OAK, 320, 240, JPEG },
    { CACTUS, 1, 0, DESERT, 300, 400, JPEG_TURNED },
    { MUG, 1, 0, GINGHAM, 300, 400, JPEG },
    { APPLE, 2, 3, GINGHAM, 320, 240, JPEG },
    { MUG, 2, 5, OAK, 224, 224, PNG },
    { BOAT, 2, 1, OVERCAST, 512, 384, JPEG },
    { MUSHROOM, 0, 4, FOREST, 320, 320, JPEG },
    { APPLE, 1, 1, WALNUT, 320, 240, JPEG },
    { MUSHROOM, 0, 2, MEADOW, 320, 320, JPEG },
    { MUG, 2, 1, WALNUT, 480, 360, JPEG },
    { BOAT, 0, 1, SUNSET, 200, 250, PNG },
    { MUG, 0, 2, OAK, 400, 300, JPEG },
    { CACTUS, 0, 5, CAFE, 240, 320, JPEG },
    { BOAT, 0, 1, SEA, 400, 300, JPEG },
    { APPLE, 0, 2, MARBLE_TOP, 64, 64, PNG },
    { MUSHROOM, 0, 1, FOREST, 360, 480, JPEG },
    { BOAT, 2, 0, SEA, 400, 300, JPEG },
    { MUSHROOM, 1, 0, WINTER, 240, 180, PNG },
    { APPLE, 1, 5, MEADOW, 300, 400, JPEG },
    { MUG, 1, 3, CAFE, 240, 320, JPEG },
    { CACTUS, 1, 5, DESERT, 320, 320, JPEG },
    { BOAT, 0, 2, SUNSET, 640, 480, JPEG },
    { MUG, 4, 0, WINTER, 360, 480, JPEG },
    { CACTUS, 2, 3, DUSK, 200, 200, PNG },
    { MUSHROOM, 2, 5, STONE, 400, 300, JPEG },
    { CACTUS, 0, 1, STONE, 240, 320, PNG_GREY },
    { APPLE, 3, 4, KITCHEN, 320, 240, JPEG },
    { MUSHROOM, 1, 3, FOREST, 400, 300, JPEG },
    { CACTUS, 0, 3, MARBLE_TOP, 640, 480, JPEG },
    { MUSHROOM, 2, 5, OAK, 300, 400, JPEG },
    { APPLE, 0, 5, GINGHAM, 240, 180, PNG },
    { BOAT, 0, 1, NIGHT, 480, 360, JPEG },
    { MUSHROOM, 1, 0, MEADOW, 800, 600, JPEG },
    { APPLE, 3, 0, CAFE, 400, 300, JPEG },
    { MUG, 4, 4, STONE, 320, 320, JPEG },
    { BOAT, 1, 5, SEA, 320, 240, JPEG },
    { MUG, 0, 1, MARBLE_TOP, 180, 240, PNG },
    { CACTUS, 2, 2, WALNUT, 300, 400, JPEG },
    { MUG, 5, 5, KITCHEN, 480, 360, JPEG },
    { APPLE, 1, 0, WINTER, 300, 400, JPEG },
    { CACTUS, 1, 2, GINGHAM, 512, 384, JPEG },
    { MUSHROOM, 2, 1, AUTUMN, 400, 300, JPEG },
    { BOAT, 1, 2, LAKE, 256, 192, PNG },
    { CACTUS, 2, 0, DESERT, 300, 400, JPEG },
    { BOAT, 0, 3, LAKE, 320, 320, JPEG },
};
enum { SHOTS = sizeof(shots) / sizeof(shots[0]) };

static const char *const names[SUBJECTS] = {
    [APPLE] = "apple", [BOAT] = "boat", [CACTUS] = "cactus", [MUG] = "mug", [MUSHROOM] = "mushroom",
};

/* ------------------------------------------------------------- composition */

/* How each subject is posed and seen; ranges. */
struct pose {
    float yaw[2], roll[2];
    float camera_y[2]; /* sine of the camera's elevation */
    float share[2];    /* of the picture's short side that one unit fills */
    float middle;      /* what the camera looks at */
};

static const struct pose poses[SUBJECTS] = {
    [APPLE] = { { 0, 1 }, { -0.05f, 0.05f }, { 0.14f, 0.5f }, { 0.54f, 0.68f }, 0.45f },
    [BOAT] = { { -0.12f, 0.12f }, { -0.012f, 0.012f }, { 0.05f, 0.2f }, { 0.42f, 0.54f }, 0.66f },
    [CACTUS] = { { -0.07f, 0.07f }, { 0, 0 }, { 0.05f, 0.26f }, { 0.48f, 0.6f }, 0.62f },
    [MUG] = { { -0.12f, 0.06f }, { 0, 0 }, { 0.24f, 0.55f }, { 0.52f, 0.64f }, 0.4f },
    [MUSHROOM] = { { 0, 1 }, { -0.02f, 0.02f }, { 0.06f, 0.24f }, { 0.52f, 0.66f }, 0.45f },
};

static float pick(uint32_t *rng, const float range[2])
{
    return between(rng, range[0], range[1]);
}

static struct body *more(struct scene *s, enum shape shape, float x, float z, float size,
                         uint32_t *rng)
{
    struct body *b = &s->body[s->bodies < BODIES - 1 ? s->bodies++ : BODIES - 1];
    body_init(b, shape, vec(x, 0, z), rng);
    b->scale = size;
    return b;
}

/* -1 or 1 */
static float side(uint32_t *rng)
{
    return draw(rng) < 0.5f ? -1.0f : 1.0f;
}

/* low to high, to the left or to the right */
static float aside(uint32_t *rng, float low, float high)
{
    float way = side(rng);
    return way * between(rng, low, high);
}

static void indoor_clutter(struct scene *s, enum shape subject, uint32_t *rng)
{
    float at = side(rng);
    if (s->bodies == 1 && draw(rng) < 0.6f) {
        float x = -at * between(rng, 0.9f, 1.2f);
        more(s, BOOK, x, between(rng, 0.45f, 0.7f), 1.1f, rng);
    }
    int cookies = subject == MUG ? (int)(draw(rng) * 4) : 0;
    for (int i = 0; i < cookies; i++) {
        struct body *b = more(s, COOKIE, at * between(rng, 0.75f, 0.85f), -0.35f, 0.85f, rng);
        b->at.y = 0.11f * (float)i;
    }
}

static void strew(struct scene *s, enum shape shape, int count, const float size[2], uint32_t *rng)
{
    for (int i = 0; i < count; i++) {
        float x = aside(rng, 0.5f, 2.2f), z = between(rng, -0.6f, 2.6f);
        struct body *b = more(s, shape, x, z, pick(rng, size), rng);
        if (shape == TUFT && (s->setting.ground == SAND || s->setting.ground == LEAVES)) {
            body_dye(b, 3);
        }
    }
}

static void outdoor_clutter(struct scene *s, uint32_t *rng)
{
    enum ground ground = s->setting.ground;
    const float stone[2] = { 0.12f, 0.42f }, tuft[2] = { 0.28f, 0.55f };
    strew(s, PEBBLE, ground == SAND ? 5 : 3, stone, rng);
    strew(s, TUFT, ground == GRASS ? 17 : ground == SNOW ? 3 : 7, tuft, rng);
}

/* Further ones of the subject, behind or beside it. */
static void companions(struct scene *s, const struct shot *shot, uint32_t *rng)
{
    static const float at[3][2] = { { -0.95f, 0.5f }, { 0.9f, 0.15f }, { 0.35f, 1.2f } };
    int count = shot->subject == APPLE || shot->subject == MUSHROOM ? (int)(draw(rng) * 4) : 0;
    float mirror = side(rng), size = shot->subject == APPLE ? 0.95f : 0.6f;
    for (int i = 0; i < count; i++) {
        float x = mirror * at[i][0] + between(rng, -0.12f, 0.12f);
        float z = at[i][1] + between(rng, -0.1f, 0.4f);
        struct body *b = more(s, shot->subject, x, z, size * between(rng, 0.75f, 1.05f), rng);
        b->variant = shot->variant;
        body_dye(b, shot->pair + (shot->subject == APPLE && draw(rng) < 0.4f ? 1 : 0));
    }
    if (shot->subject == BOAT && draw(rng) < 0.5f) {
        float x = mirror * between(rng, 3, 5);
        more(s, BOAT, x, between(rng, 9, 14), 1, rng);
    }
    if (shot->subject == CACTUS && s->setting.ground == SAND) {
        float x = mirror * between(rng, 1.6f, 2.4f);
        struct body *b = more(s, CACTUS, x, between(rng, 3.5f, 6), 1, rng);
        b->variant = 2;
        b->c = 0;
    }
}

static void place_camera(struct scene *s, const struct shot *shot, uint32_t *rng)
{
    const struct pose *p = &poses[shot->subject];
    float wide =
        (float)shot->width / (float)(shot->width < shot->height ? shot->width : shot->height);
    float tall =
        (float)shot->height / (float)(shot->width < shot->height ? shot->width : shot->height);
    float unit_size = 2 * pick(rng, p->share) / (0.85f + 0.15f * wide),
          rise = pick(rng, p->camera_y);
    s->zoom = between(rng, 2.4f, 3.8f);
    s->focus = s->zoom / unit_size;
    float x = aside(rng, 0.15f, 0.3f) * (wide - 0.5f);
    float y = p->middle + between(rng, -0.06f, 0.06f) + 0.1f * (tall - 1);
    struct vec aim = vec(x, y, 0);
    s->ahead = vec(0, -rise, sqrtf(1 - rise * rise));
    float tilt = between(rng, -0.02f, 0.02f);
    s->right = unit(vec(1, tilt, 0));
    s->up = cross(s->ahead, s->right);
    s->eye = along(aim, s->ahead, -s->focus);
    s->lens = (s->setting.backdrop == SKY ? 0.008f : 0.03f) * s->focus / 2.5f;
}

static void compose(struct scene *s, const struct shot *shot, uint32_t *rng)
{
    *s = (struct scene){ .setting = settings[shot->place], .seed = hash(*rng) };
    struct body *b = more(s, shot->subject, 0, 0, between(rng, 0.92f, 1.08f), rng);
    const struct pose *p = &poses[shot->subject];
    float yaw = pick(rng, p->yaw);
    yaw += draw(rng) < 0.5f ? 0.5f : 0;
    body_turn(b, yaw, pick(rng, p->roll));
    b->variant = shot->variant;
    body_dye(b, shot->pair);
    bool potted = s->setting.ground != SAND;
    if (shot->subject == CACTUS) {
        b->a = shot->variant == 0 ? between(rng, 0.24f, 0.28f) : b->a;
        b->b = potted ? 0.85f : 1.25f;
        b->c = potted ? 0.01f + b->c : 0;
    }
    companions(s, shot, rng);
    if (s->setting.backdrop == WALL || s->setting.backdrop == LAMPS) {
        indoor_clutter(s, shot->subject, rng);
    } else if (s->setting.ground != WATER) {
        outdoor_clutter(s, rng);
    }
    float high = s->setting.sun_y * between(rng, 0.85f, 1.15f);
    float turn = s->setting.sun_turn + between(rng, -0.05f, 0.05f), flat = sqrtf(1 - high * high);
    s->sun = unit(vec(flat * wave(turn - 0.25f), high, flat * wave(turn)));
    place_camera(s, shot, rng);
}

/* -------------------------------------------------------------- the camera */

/* Film: the curve from light to the density of the print, 0 to 1. */
static float develop(float x)
{
    x = most(x, 0);
    x = clamp(x * (2.51f * x + 0.03f) / (x * (2.43f * x + 0.59f) + 0.14f), 0, 1);
    float a = sqrtf(x), b = sqrtf(a), c = sqrtf(b); /* about x to the power of 1 / 2.4 */
    return clamp(0.6620027f * a + 0.6841221f * b - 0.3235836f * c - 0.0225411f * x, 0, 1);
}

static unsigned char byte(float x, float grain)
{
    return (unsigned char)(clamp(x + grain, 0, 1) * 255 + 0.5f);
}

struct film {
    float exposure, warmth, fading, grain;
};

static void expose(const struct scene *s, const struct film *film, int samples, float u, float v,
                   uint32_t *rng, const float pixel, unsigned char out[4])
{
    struct vec sum = vec(0, 0, 0);
    float cover = 0;
    for (int i = 0; i < samples; i++) {
        float du = draw(rng) - 0.5f, dv = draw(rng) - 0.5f;
        struct vec c = trace(s, u + du * pixel, v + dv * pixel, rng, &cover);
        sum = add(sum, vec(least(c.x, 6), least(c.y, 6), least(c.z, 6)));
    }
    float light = film->exposure / (float)samples / (1 + film->fading * (u * u + v * v));
    float red = draw(rng), green = draw(rng), blue = draw(rng), all = red + green + blue - 1.5f;
    out[0] = byte(develop(sum.x * light * (1 + film->warmth)), (all + red - 0.5f) * film->grain);
    out[1] = byte(develop(sum.y * light), (all + green - 0.5f) * film->grain);
    out[2] = byte(develop(sum.z * light * (1 - film->warmth)), (all + blue - 0.5f) * film->grain);
    out[3] = byte(cover / (float)samples, 0);
}

/* RGBA, width * height * 4 bytes, the caller's. */
static unsigned char *photograph(const struct shot *shot, int number)
{
    uint32_t rng = hash((uint32_t)number * 7919);
    struct scene s;
    compose(&s, shot, &rng);
    struct film film;
    film.exposure = between(&rng, 0.78f, 1.0f);
    film.warmth = between(&rng, -0.06f, 0.08f);
    film.fading = between(&rng, 0.05f, 0.25f);
    film.grain = between(&rng, 0.010f, 0.026f);
    size_t area = (size_t)shot->width * (size_t)shot->height;
    unsigned char *rgba = malloc(area * 4);
    if (!rgba) {
        return NULL;
    }
    int samples = area < 130000 ? 9 : area < 1000000 ? 6 : 5;
    int small = shot->width < shot->height ? shot->width : shot->height;
    float pixel = 2.0f / (float)small;
    for (int y = 0; y < shot->height; y++) {
        for (int x = 0; x < shot->width; x++) {
            float u = ((float)x + 0.5f - (float)shot->width / 2) * pixel;
            float v = ((float)shot->height / 2 - (float)y - 0.5f) * pixel;
            size_t i = (size_t)y * (size_t)shot->width + (size_t)x;
            expose(&s, &film, samples, u, v, &rng, pixel, rgba + i * 4);
        }
    }
    return rgba;
}

/* -------------------------------------------------------------- the writing */

/* Keeps the first `keep` of four channels, or the brightness (1), in place. */
static void pack(unsigned char *rgba, size_t area, int keep)
{
    for (size_t i = 0; i < area; i++) {
        unsigned char *p = rgba + i * 4, *q = rgba + i * (size_t)keep;
        if (keep == 4 && p[3] == 0) {
            memset(p, 0, 3); /* nothing hidden under what is clear */
        }
        if (keep == 1) {
            q[0] = (unsigned char)((p[0] * 77 + p[1] * 150 + p[2] * 29) >> 8);
        } else {
            memmove(q, p, (size_t)keep);
        }
    }
}

/* Turns the picture a quarter to the left; *w and *h change places. */
static unsigned char *turn_left(const unsigned char *rgb, int *w, int *h)
{
    size_t width = (size_t)*w, height = (size_t)*h;
    unsigned char *out = malloc(width * height * 3);
    for (size_t y = 0; out && y < height; y++) {
        for (size_t x = 0; x < width; x++) {
            memcpy(out + ((width - 1 - x) * height + y) * 3, rgb + (y * width + x) * 3, 3);
        }
    }
    *w = (int)height;
    *h = (int)width;
    return out;
}

/* EXIF that says: turn me a quarter to the right (orientation 6). */
static const unsigned char exif_turned[] = {
    'E', 'x', 'i',  'f',  0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, /* little-endian, IFD at 8 */
    1,   0,   0x12, 0x01, 3, 0, 1,   0,   0,  0, 6, 0, 0, 0, /* one entry: tag 0x112, short, 6 */
    0,   0,   0,    0,                                       /* no further IFD */
};

static bool write_jpeg(const char *path, const unsigned char *pixels, int w, int h, int channels,
                       bool turned)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        return false;
    }
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct c = { .err = jpeg_std_error(&errors) };
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, file);
    c.image_width = (JDIMENSION)w;
    c.image_height = (JDIMENSION)h;
    c.input_components = channels;
    c.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, (long)w * h > 1000000 ? 78 : 85, TRUE);
    c.optimize_coding = TRUE;
    jpeg_start_compress(&c, TRUE);
    if (turned) {
        jpeg_write_marker(&c, JPEG_APP0 + 1, exif_turned, sizeof(exif_turned));
    }
    size_t stride = (size_t)w * (size_t)channels;
    while (c.next_scanline < c.image_height) {
        unsigned char row[3 * 4096];
        memcpy(row, pixels + c.next_scanline * stride, stride);
        JSAMPROW rows[1] = { row };
        jpeg_write_scanlines(&c, rows, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return fclose(file) == 0;
}

static void file_name(char *out, size_t size, int number)
{
    bool png = shots[number].encoding >= PNG;
    snprintf(out, size, "IMG_%04d.%s", number + 1, png ? "png" : "jpg");
}

static bool develop_shot(const char *folder, int number)
{
    const struct shot *shot = &shots[number];
    char name[32], path[4096];
    file_name(name, sizeof(name), number);
    snprintf(path, sizeof(path), "%s/photos/%s", folder, name);
    unsigned char *pixels = photograph(shot, number + 1);
    if (!pixels) {
        return false;
    }
    int w = shot->width, h = shot->height;
    bool grey = shot->encoding == JPEG_GREY || shot->encoding == PNG_GREY;
    int channels = grey ? 1 : shot->encoding == PNG_ALPHA ? 4 : 3;
    pack(pixels, (size_t)w * (size_t)h, channels);
    bool turned = shot->encoding == JPEG_TURNED;
    unsigned char *turned_pixels = turned ? turn_left(pixels, &w, &h) : NULL;
    const unsigned char *out = turned ? turned_pixels : pixels;
    bool ok = out != NULL;
    if (ok && shot->encoding < PNG) {
        ok = write_jpeg(path, out, w, h, channels, turned);
    } else if (ok) {
        ok = stbi_write_png(path, w, h, channels, out, w * channels) != 0;
    }
    free(turned_pixels);
    free(pixels);
    if (!ok) {
        fprintf(stderr, "render: %s: %s\n", path, strerror(errno));
    }
    return ok;
}

/* ------------------------------------------------------------------ the work */
struct work {
    pthread_mutex_t lock;
    const char *folder;
    int next, last;
    bool ok;
};

static void *worker(void *arg)
{
    struct work *work = arg;
    for (;;) {
        pthread_mutex_lock(&work->lock);
        int number = work->next++;
        pthread_mutex_unlock(&work->lock);
        if (number > work->last) {
            return NULL;
        }
        if (!develop_shot(work->folder, number)) {
            pthread_mutex_lock(&work->lock);
            work->ok = false;
            pthread_mutex_unlock(&work->lock);
        }
    }
}

static bool write_lists(const char *folder)
{
    char path[4096], name[32];
    snprintf(path, sizeof(path), "%s/truth.csv", folder);
    FILE *truth = fopen(path, "w");
    snprintf(path, sizeof(path), "%s/classes.txt", folder);
    FILE *classes = fopen(path, "w");
    bool ok = truth && classes;
    for (int i = 0; ok && i < SUBJECTS; i++) {
        ok = fprintf(classes, "%s\n", names[i]) > 0;
    }
    ok = ok && fputs("file_name,label\n", truth) >= 0;
    for (int i = 0; ok && i < SHOTS; i++) {
        file_name(name, sizeof(name), i);
        ok = fprintf(truth, "%s,%s\n", name, names[shots[i].subject]) > 0;
    }
    ok = (!truth || fclose(truth) == 0) && ok;
    ok = (!classes || fclose(classes) == 0) && ok;
    if (!ok) {
        fprintf(stderr, "render: %s: %s\n", folder, strerror(errno));
    }
    return ok;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 4) {
        fputs("usage: render DIR [FIRST [LAST]]\n", stderr);
        return 2;
    }
    int first = argc > 2 ? atoi(argv[2]) : 1, last = argc > 3   ? atoi(argv[3])
                                                     : argc > 2 ? first
                                                                : SHOTS;
    if (first < 1 || last > SHOTS || first > last) {
        fprintf(stderr, "render: pictures are numbered 1 to %d\n", SHOTS);
        return 2;
    }
    char photos[4096];
    snprintf(photos, sizeof(photos), "%s/photos", argv[1]);
    if (mkdir(photos, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "render: %s: %s\n", photos, strerror(errno));
        return 1;
    }
    struct work work = { PTHREAD_MUTEX_INITIALIZER, argv[1], first - 1, last - 1, true };
    pthread_t other;
    bool two = pthread_create(&other, NULL, worker, &work) == 0;
    worker(&work);
    if (two) {
        pthread_join(other, NULL);
    }
    return work.ok && (argc > 2 || write_lists(argv[1])) ? 0 : 1;
}
