/* JPEG through libjpeg-turbo. */
#ifdef HAVE_LIBJPEG

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "encoder.h"

#define PIECE 16384 /* bytes of output buffer at a time */

struct job {
    struct jpeg_compress_struct jpeg; /* .client_data points back here */
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    struct buf *out;
    struct error *err;
    jmp_buf escape;
    JOCTET piece[PIECE];
};

static struct job *job_of(void *jpeg)
{
    return ((struct jpeg_common_struct *)jpeg)->client_data;
}

static _Noreturn void on_error(j_common_ptr jpeg)
{
    struct job *job = job_of(jpeg);
    char message[JMSG_LENGTH_MAX];
    (*jpeg->err->format_message)(jpeg, message);
    error_set(job->err, ERROR_IO, "JPEG of %ux%u pixels: %s", job->jpeg.image_width,
              job->jpeg.image_height, message);
    longjmp(job->escape, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
    (void)jpeg;
    (void)level;
}

static void no_output(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void start_piece(j_compress_ptr jpeg)
{
    struct job *job = job_of(jpeg);
    job->destination.next_output_byte = job->piece;
    job->destination.free_in_buffer = sizeof(job->piece);
}

static void add(struct job *job, size_t len)
{
    buf_add(job->out, job->piece, len);
    if (job->out->failed) {
        error_nomem(job->err, job->out->len, "a JPEG");
        longjmp(job->escape, 1);
    }
}

static boolean on_full(j_compress_ptr jpeg)
{
    add(job_of(jpeg), PIECE); /* libjpeg has not updated free_in_buffer here: the buffer is full */
    start_piece(jpeg);
    return TRUE;
}

static void on_end(j_compress_ptr jpeg)
{
    struct job *job = job_of(jpeg);
    add(job, PIECE - job->destination.free_in_buffer);
}

static void begin_jpeg(struct job *job, const struct image *picture, int quality)
{
    struct jpeg_compress_struct *jpeg = &job->jpeg;
    jpeg->err = jpeg_std_error(&job->errors);
    job->errors.error_exit = on_error;
    job->errors.emit_message = on_message;
    job->errors.output_message = no_output;
    jpeg->client_data = job;
    jpeg_create_compress(jpeg);
    job->destination.init_destination = start_piece;
    job->destination.empty_output_buffer = on_full;
    job->destination.term_destination = on_end;
    jpeg->dest = &job->destination;
    jpeg->image_width = (JDIMENSION)picture->width;
    jpeg->image_height = (JDIMENSION)picture->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    /* Saves 2 to 4 % of the bytes for 1 to 2 ms: worth it below 20 Mbit/s. */
    jpeg->optimize_coding = TRUE;
    int across = quality < ENCODER_WHOLE_CHROMA ? 2 : 1;
    jpeg->comp_info[0].h_samp_factor = across;
    jpeg->comp_info[0].v_samp_factor = across;
}

static bool write_jpeg(struct job *job, const struct image *picture, int quality)
{
    if (setjmp(job->escape)) {
        return false;
    }
    begin_jpeg(job, picture, quality);
    jpeg_start_compress(&job->jpeg, TRUE);
    while (job->jpeg.next_scanline < job->jpeg.image_height) {
        JSAMPROW row = image_at(picture, 0, (int)job->jpeg.next_scanline);
        jpeg_write_scanlines(&job->jpeg, &row, 1);
    }
    jpeg_finish_compress(&job->jpeg);
    return true;
}

static bool encode_jpeg(const struct image *picture, int quality, struct buf *out,
                        struct error *err)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job) {
        return error_nomem(err, sizeof(*job), "a JPEG encoder");
    }
    job->out = out;
    job->err = err;
    bool ok = write_jpeg(job, picture, quality);
    jpeg_destroy_compress(&job->jpeg);
    free(job);
    return ok;
}

const struct encoder encoder_jpeg_turbo = { .name = "libjpeg-turbo", .jpeg = encode_jpeg };

#else
typedef int encode_jpeg_left_out; /* ISO C wants a declaration */
#endif
