/* JPEG through libjpeg-turbo: scaled while decoding, progressive, grey, CMYK. */
#ifdef HAVE_LIBJPEG

#include "codec.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/* More scans than any encoder writes; each costs a pass over all blocks. */
#define MAX_SCANS 100

/* Memory of libjpeg in addition to the picture and its coefficients: tables, and buffered
 * rows of blocks, at most COLUMN_MEMORY bytes per column. */
#define FIXED_MEMORY ((uint64_t)1 << 18)
#define COLUMN_MEMORY 128

struct job {
    struct jpeg_decompress_struct jpeg; /* .client_data points back here */
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    const struct codec_request *request;
    struct codec_result *out;
    struct error *err;
    uint8_t *row;     /* one row of CMYK */
    size_t data_left; /* bytes after the header */
    bool ended;       /* libjpeg asked for more than the file contains */
    bool warned;
    unsigned warned_row;
    bool reading; /* past the header: warnings now mean damage to the picture */
    char warning[JMSG_LENGTH_MAX];
    jmp_buf escape;
};

static struct job *job_of(void *jpeg)
{
    return ((struct jpeg_common_struct *)jpeg)->client_data;
}

/* ---------------------------------------------------------------- callbacks */

/* The unsupported JPEG feature behind a libjpeg error code; NULL: another error. */
static const char *unsupported(int code)
{
    switch (code) {
    case JERR_BAD_PRECISION:
        return "a sample depth other than 8 bits";
    case JERR_SOF_UNSUPPORTED:
        return "lossless or hierarchical coding";
    case JERR_EMPTY_IMAGE:
        return "a height given after the pixels";
    case JERR_ARITH_NOTIMPL:
        return "arithmetic coding";
    default:
        return NULL;
    }
}

static _Noreturn void on_error(j_common_ptr jpeg)
{
    struct job *job = job_of(jpeg);
    char message[JMSG_LENGTH_MAX];
    (*jpeg->err->format_message)(jpeg, message);
    const char *kind = unsupported(jpeg->err->msg_code);
    if (kind) {
        error_set(job->err, ERROR_UNSUPPORTED, "JPEG: %s (%s) is not supported", kind, message);
    } else {
        error_set(job->err, jpeg->err->msg_code == JERR_OUT_OF_MEMORY ? ERROR_IO : ERROR_DATA,
                  "JPEG: %s%s", job->ended ? "the file ends early: " : "", message);
    }
    longjmp(job->escape, 1);
}

/* Whether the `count` stray bytes before the marker just found are all zero. */
static bool all_zero(const struct job *job, int count)
{
    const uint8_t *end = job->source.next_input_byte;
    for (int i = 1; i <= count && end - i >= job->request->bytes; i++) {
        if (end[-i] != 0) {
            return false;
        }
    }
    return true;
}

/* True for warnings that do not affect the picture. */
static bool is_harmless(const struct job *job)
{
    switch (job->errors.msg_code) {
    case JWRN_ADOBE_XFORM: /* all programs assume YCbCr or YCCK then */
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_ICC:
    case JWRN_NOT_SEQUENTIAL:
        return true;
    case JWRN_EXTRANEOUS_DATA: /* some cameras pad with zeros */
        return !job->reading || all_zero(job, job->errors.msg_parm.i[0]);
    default:
        return false;
    }
}

static void on_message(j_common_ptr jpeg, int level)
{
    struct job *job = job_of(jpeg);
    if (level >= 0 || job->warned || is_harmless(job)) { /* only -1 is a warning */
        return;
    }
    job->warned = true;
    job->warned_row = job->jpeg.output_scanline;
    (*jpeg->err->format_message)(jpeg, job->warning);
}

static void no_output(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void on_progress(j_common_ptr jpeg)
{
    struct job *job = job_of(jpeg);
    if (job->jpeg.input_scan_number > MAX_SCANS) {
        error_set(job->err, ERROR_UNSUPPORTED, "JPEG: more than %d scans", MAX_SCANS);
        longjmp(job->escape, 1);
    }
}

static void no_source_step(j_decompress_ptr jpeg)
{
    (void)jpeg;
}

/* The whole file is in memory: a request for more means that it ends early. An inserted
 * end marker makes libjpeg finish with what it has. */
static boolean fill_input(j_decompress_ptr jpeg)
{
    static const JOCTET end[2] = { 0xFF, JPEG_EOI };
    struct job *job = job_of(jpeg);
    job->ended = true;
    jpeg->src->next_input_byte = end;
    jpeg->src->bytes_in_buffer = sizeof(end);
    return TRUE;
}

static void skip_input(j_decompress_ptr jpeg, long count)
{
    if (count <= 0) {
        return;
    }
    if ((unsigned long)count > jpeg->src->bytes_in_buffer) {
        fill_input(jpeg);
        return;
    }
    jpeg->src->next_input_byte += count;
    jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void open_jpeg(struct job *job)
{
    job->jpeg.err = jpeg_std_error(&job->errors);
    job->errors.error_exit = on_error;
    job->errors.emit_message = on_message;
    job->errors.output_message = no_output;
    job->jpeg.client_data = job;
    jpeg_create_decompress(&job->jpeg);
    job->progress.progress_monitor = on_progress;
    job->jpeg.progress = &job->progress;
    job->source.init_source = no_source_step;
    job->source.fill_input_buffer = fill_input;
    job->source.skip_input_data = skip_input;
    job->source.resync_to_restart = jpeg_resync_to_restart;
    job->source.term_source = no_source_step;
    job->source.next_input_byte = job->request->bytes;
    job->source.bytes_in_buffer = job->request->len;
    job->jpeg.src = &job->source;
}

/* ------------------------------------------------------------------ choices */

/* Chooses the smallest scale N/8 that satisfies the hint. N = 3 and 5 to 7 are not used:
 * libjpeg-turbo has no vector code for them, so they are slower than 4 and 8. */
static void choose_scale(struct job *job)
{
    static const unsigned eighths[] = { 1, 2, 4, 8 };
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    jpeg->scale_denom = 8;
    for (size_t i = 0; i < sizeof(eighths) / sizeof(eighths[0]); i++) {
        jpeg->scale_num = eighths[i];
        jpeg_calc_output_dimensions(jpeg);
        if (codec_enough(job->request, job->out->width, job->out->height, (int)jpeg->output_width,
                         (int)jpeg->output_height)) {
            break;
        }
    }
}

static void choose_colours(struct job *job)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    bool cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
}

/* A picture in several scans is stored as 16-bit coefficients until the last scan. */
static uint64_t coefficient_bytes(struct jpeg_decompress_struct *jpeg)
{
    uint64_t blocks = 0;
    if (!jpeg_has_multiple_scans(jpeg)) {
        return 0;
    }
    for (int i = 0; i < jpeg->num_components; i++) {
        const jpeg_component_info *c = &jpeg->comp_info[i];
        uint64_t across = (uint64_t)c->width_in_blocks + (uint64_t)c->h_samp_factor;
        uint64_t down = (uint64_t)c->height_in_blocks + (uint64_t)c->v_samp_factor;
        blocks += across * down;
    }
    return blocks * sizeof(JBLOCK);
}

static bool prepare(struct job *job)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    jpeg_read_header(jpeg, TRUE);
    job->data_left = job->ended ? 0 : jpeg->src->bytes_in_buffer;
    if (!codec_size(job->request, jpeg->image_width, jpeg->image_height, job->out, job->err)) {
        return false;
    }
    if (job->data_left == 0) {
        return error_set(job->err, ERROR_DATA, "JPEG: the file ends before the first pixel");
    }
    choose_scale(job);
    choose_colours(job);
    uint64_t extra =
        coefficient_bytes(jpeg) + FIXED_MEMORY + (uint64_t)jpeg->image_width * COLUMN_MEMORY;
    jpeg->mem->max_memory_to_use = (long)job->request->limits->memory;
    return codec_memory(job->request, (int)jpeg->output_width, (int)jpeg->output_height, 3, extra,
                        job->err);
}

/* ------------------------------------------------------------------ decoding */

/* Adobe's programs store CMYK inverted (0 is full ink), not always with a mark in the
 * file; like Pillow and browsers, we treat all CMYK files as inverted. */
static void rgb_from_cmyk(uint8_t *rgb, const uint8_t *cmyk, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned white = cmyk[4 * i + 3];
        for (size_t c = 0; c < 3; c++) {
            unsigned t = cmyk[4 * i + c] * white + 128;
            rgb[3 * i + c] = (uint8_t)((t + (t >> 8)) >> 8);
        }
    }
}

static bool read_rows(struct job *job)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    struct image *image = &job->out->image;
    bool cmyk = jpeg->out_color_space == JCS_CMYK;
    if (!image_init(image, (int)jpeg->output_width, (int)jpeg->output_height, 3, job->err)) {
        return false;
    }
    if (cmyk) {
        job->row = malloc((size_t)jpeg->output_width * 4);
        if (!job->row) {
            return error_nomem(job->err, (size_t)jpeg->output_width * 4, "a row of a picture");
        }
    }
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *to = image_at(image, 0, (int)jpeg->output_scanline);
        JSAMPROW row = cmyk ? job->row : to;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (cmyk) {
            rgb_from_cmyk(to, job->row, jpeg->output_width);
        }
    }
    return true;
}

/* True if some coefficient of a progressive picture lacks its last bits. */
static bool unfinished_scans(const struct jpeg_decompress_struct *jpeg)
{
    if (!jpeg->progressive_mode || !jpeg->coef_bits) {
        return false;
    }
    for (int c = 0; c < jpeg->num_components; c++) {
        for (int k = 0; k < DCTSIZE2; k++) {
            if (jpeg->coef_bits[c][k] != 0) {
                return true;
            }
        }
    }
    return false;
}

/* A missing end marker alone is not damage: the picture is complete. */
static void note_damage(struct job *job, bool unfinished)
{
    char *damage = job->out->damage;
    size_t size = sizeof(job->out->damage);
    if (unfinished) {
        snprintf(damage, size, "the file ends early, in scan %d", job->jpeg.input_scan_number);
    } else if (job->warned && job->ended) {
        snprintf(damage, size, "the file ends early, at row %u of %u", job->warned_row,
                 job->jpeg.output_height);
    } else if (job->warned) {
        snprintf(damage, size, "%.90s", job->warning);
    }
}

static bool read_jpeg(struct job *job)
{
    if (setjmp(job->escape)) {
        return false;
    }
    open_jpeg(job);
    if (!prepare(job)) {
        return false;
    }
    job->reading = true;
    jpeg_start_decompress(&job->jpeg);
    bool unfinished = job->ended && unfinished_scans(&job->jpeg);
    if (!read_rows(job)) {
        return false;
    }
    note_damage(job, unfinished);
    return true;
}

static bool decode_jpeg(const struct codec_request *request, struct codec_result *out,
                        struct error *err)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job) {
        return error_nomem(err, sizeof(*job), "a JPEG decoder");
    }
    job->request = request;
    job->out = out;
    job->err = err;
    bool ok = read_jpeg(job);
    jpeg_destroy_decompress(&job->jpeg);
    free(job->row);
    free(job);
    return ok;
}

#define TEXT_OF(x) #x
#define VALUE_OF(x) TEXT_OF(x)

static void version(char *out, size_t size)
{
    snprintf(out, size, "%s", VALUE_OF(LIBJPEG_TURBO_VERSION));
}

const struct codec codec_jpeg_turbo = {
    .name = "libjpeg-turbo",
    .version = version,
    .decode = decode_jpeg,
};

#else
typedef int jpeg_turbo_left_out; /* ISO C wants a declaration */
#endif
