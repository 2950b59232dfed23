/* photo: photographs of Xvfb's screen, and what is to be seen on them.
 *
 *     photo take SCREEN PART OUT.ppm      of the frame buffer that `Xvfb -fbdir` maps
 *     photo crop A.ppm PART OUT.ppm
 *     photo psnr A.ppm PART B.ppm         prints the whole decibels between that part of
 *                                         A and all of B: 99 at most, 0 when sizes differ
 *     photo differ A.ppm PART B.ppm       prints how many pixels of that part of both do
 *     photo box A.ppm PART RRGGBB         prints the part of it that is not all of that
 *                                         colour, as WxH+X+Y from A's corner; nothing
 *                                         where all is
 *     photo black A.ppm PART [HOLE]       succeeds when PART is black, HOLE apart
 *
 * PART is WxH+X+Y in pixels, or "all". Files are PPM of 8 bits. A test asks hundreds of
 * times whether a picture is there yet; ImageMagick takes 0.1 s of processor time for an
 * answer. Exit status: 0; 1 for "no"; 2 when something is wrong, said on stderr. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct picture {
    int w, h;
    unsigned char *rgb;
};

struct part {
    int x, y, w, h;
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("photo: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(2);
}

static void *get(size_t size)
{
    void *memory = malloc(size ? size : 1);
    return memory ? memory : (die("no memory"), NULL);
}

static FILE *open_file(const char *path, const char *how)
{
    FILE *file = fopen(path, how);
    return file ? file : (die("%s: %s", path, strerror(errno)), NULL);
}

static struct picture read_ppm(const char *path)
{
    struct picture a;
    int most;
    FILE *file = open_file(path, "rb");
    if (fscanf(file, "P6 %d %d %d", &a.w, &a.h, &most) != 3 || most != 255 || getc(file) == EOF ||
        a.w < 1 || a.h < 1 || a.w > 1 << 14 || a.h > 1 << 14) {
        die("%s is no PPM of 8 bits", path);
    }
    size_t size = (size_t)a.w * (size_t)a.h * 3;
    a.rgb = get(size);
    if (fread(a.rgb, 1, size, file) != size) {
        die("%s is cut off", path);
    }
    fclose(file);
    return a;
}

static void write_ppm(const char *path, const struct picture *a)
{
    FILE *file = open_file(path, "wb");
    fprintf(file, "P6\n%d %d\n255\n", a->w, a->h);
    fwrite(a->rgb, 3, (size_t)a->w * (size_t)a->h, file);
    if (ferror(file) || fclose(file) != 0) {
        die("%s: %s", path, strerror(errno));
    }
}

/* What of that part lies in a picture of that size. */
static struct part read_part(const char *text, int w, int h)
{
    struct part p = { 0, 0, w, h };
    if (strcmp(text, "all") != 0 && sscanf(text, "%dx%d+%d+%d", &p.w, &p.h, &p.x, &p.y) != 4) {
        die("%s is no WxH+X+Y", text);
    }
    if (p.x < 0 || p.y < 0 || p.w < 1 || p.h < 1 || p.x >= w || p.y >= h) {
        die("%s is no part of a picture of %dx%d", text, w, h);
    }
    p.w = p.w < w - p.x ? p.w : w - p.x;
    p.h = p.h < h - p.y ? p.h : h - p.y;
    return p;
}

static unsigned char *pixel(const struct picture *a, int x, int y)
{
    return a->rgb + ((size_t)y * (size_t)a->w + (size_t)x) * 3;
}

static struct picture crop(const struct picture *a, struct part p)
{
    struct picture b = { p.w, p.h, get((size_t)p.w * (size_t)p.h * 3) };
    for (int y = 0; y < p.h; y++) {
        memcpy(pixel(&b, 0, y), pixel(a, p.x, p.y + y), (size_t)p.w * 3);
    }
    return b;
}

/* The screen as X's own format of dumps: a head of 32-bit numbers, the highest byte
 * first; colours of 12 bytes; rows of pixels of 32 bits, 0xRRGGBB in this processor's
 * order. */
static void take(const char *path, const char *part, const char *out)
{
    enum { HEAD = 0, VERSION = 1, W = 4, H = 5, BITS = 11, ROW = 12, COLORS = 19, FIELDS };
    uint32_t head[FIELDS];
    FILE *file = open_file(path, "rb");
    if (fread(head, sizeof head, 1, file) != 1) {
        die("%s is cut off", path);
    }
    for (int i = 0; i < FIELDS; i++) {
        head[i] = ntohl(head[i]);
    }
    if (head[VERSION] != 7 || head[BITS] != 32 || head[W] > 1 << 14 || head[H] > 1 << 14) {
        die("%s is no screen of 32 bits", path);
    }
    struct part p = read_part(part, (int)head[W], (int)head[H]);
    struct picture a = { p.w, p.h, get((size_t)p.w * (size_t)p.h * 3) };
    uint32_t *row = get((size_t)p.w * 4);
    for (int y = 0; y < p.h; y++) {
        long at = (long)head[HEAD] + (long)head[COLORS] * 12 + (long)(p.y + y) * (long)head[ROW] +
                  (long)p.x * 4;
        if (fseek(file, at, SEEK_SET) != 0 || fread(row, 4, (size_t)p.w, file) != (size_t)p.w) {
            die("%s is cut off", path);
        }
        unsigned char *to = pixel(&a, 0, y);
        for (int x = 0; x < p.w; x++, to += 3) {
            to[0] = (unsigned char)(row[x] >> 16);
            to[1] = (unsigned char)(row[x] >> 8);
            to[2] = (unsigned char)row[x];
        }
    }
    fclose(file);
    write_ppm(out, &a);
}

static int psnr(const struct picture *a, const struct picture *b)
{
    double sum = 0;
    size_t n = (size_t)a->w * (size_t)a->h * 3;
    if (a->w != b->w || a->h != b->h) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        double d = a->rgb[i] - b->rgb[i];
        sum += d * d;
    }
    double db = sum > 0 ? 10 * log10(255.0 * 255.0 * (double)n / sum) : 99;
    return db > 99 ? 99 : (int)db;
}

static long differ(const struct picture *a, const struct picture *b)
{
    long n = 0;
    for (size_t i = 0; i < (size_t)a->w * (size_t)a->h * 3; i += 3) {
        n += memcmp(a->rgb + i, b->rgb + i, 3) != 0;
    }
    return n;
}

static void box(const struct picture *a, struct part p, const char *color)
{
    unsigned r, g, b;
    int left = p.w, top = p.h, right = -1, bottom = -1;
    if (sscanf(color, "%2x%2x%2x", &r, &g, &b) != 3) {
        die("%s is no RRGGBB", color);
    }
    for (int y = 0; y < p.h; y++) {
        for (int x = 0; x < p.w; x++) {
            const unsigned char *at = pixel(a, p.x + x, p.y + y);
            if (at[0] != r || at[1] != g || at[2] != b) {
                left = x < left ? x : left;
                right = x > right ? x : right;
                top = y < top ? y : top;
                bottom = y;
            }
        }
    }
    if (bottom >= 0) {
        printf("%dx%d+%d+%d\n", right - left + 1, bottom - top + 1, p.x + left, p.y + top);
    }
}

static bool is_black(const struct picture *a, struct part p, struct part hole)
{
    for (int y = p.y; y < p.y + p.h; y++) {
        for (int x = p.x; x < p.x + p.w; x++) {
            bool in_hole = x >= hole.x && x < hole.x + hole.w && y >= hole.y && y < hole.y + hole.h;
            const unsigned char *at = pixel(a, x, y);
            if (!in_hole && (at[0] | at[1] | at[2])) {
                return false;
            }
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    const char *command = argc >= 4 ? argv[1] : "";
    if (argc == 5 && strcmp(command, "take") == 0) {
        take(argv[2], argv[3], argv[4]);
        return 0;
    }
    if (argc < 4) {
        die("take, crop, psnr, differ, box or black, and what of");
    }
    struct picture a = read_ppm(argv[2]);
    struct part p = read_part(argv[3], a.w, a.h);
    if (strcmp(command, "black") == 0) {
        struct part none = { 0, 0, 0, 0 };
        return !is_black(&a, p, argc == 5 ? read_part(argv[4], a.w, a.h) : none);
    }
    if (argc != 5) {
        die("%s wants three arguments", command);
    }
    if (strcmp(command, "box") == 0) {
        box(&a, p, argv[4]);
        return 0;
    }
    struct picture part = crop(&a, p);
    if (strcmp(command, "crop") == 0) {
        write_ppm(argv[4], &part);
        return 0;
    }
    struct picture b = read_ppm(argv[4]);
    if (strcmp(command, "psnr") == 0) {
        printf("%d\n", psnr(&part, &b));
    } else if (strcmp(command, "differ") == 0) {
        if (b.w < p.x + p.w || b.h < p.y + p.h) {
            die("%s is smaller than %s", argv[4], argv[2]);
        }
        struct picture same = crop(&b, p);
        printf("%ld\n", differ(&part, &same));
    } else {
        die("%s is none of take, crop, psnr, differ, box and black", command);
    }
    return 0;
}
