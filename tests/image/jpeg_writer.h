/* JPEG files for tests, through libjpeg. Included by one test program each. */
#ifndef TEST_JPEG_WRITER_H
#define TEST_JPEG_WRITER_H
#ifdef HAVE_LIBJPEG

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "base/buf.h"
#include "picture.h"

struct jpeg_spec {
    int width, height;
    int components;       /* of the samples: 1 grey, 3 RGB, 4 CMYK */
    J_COLOR_SPACE stored; /* JCS_UNKNOWN: as libjpeg chooses */
    const uint8_t *samples;
    int quality;
    bool progressive;
    bool no_adobe;   /* leave the Adobe marker out */
    int orientation; /* 0: no EXIF */
};

static void jpeg_setup(struct jpeg_compress_struct *jpeg, const struct jpeg_spec *spec)
{
    jpeg->image_width = (JDIMENSION)spec->width;
    jpeg->image_height = (JDIMENSION)spec->height;
    jpeg->input_components = spec->components;
    jpeg->in_color_space = spec->components == 1   ? JCS_GRAYSCALE
                           : spec->components == 3 ? JCS_RGB
                                                   : JCS_CMYK;
    jpeg_set_defaults(jpeg);
    if (spec->stored != JCS_UNKNOWN) {
        jpeg_set_colorspace(jpeg, spec->stored);
    }
    jpeg_set_quality(jpeg, spec->quality, TRUE);
    if (spec->quality >= 100) { /* no chroma subsampling */
        jpeg->comp_info[0].h_samp_factor = 1;
        jpeg->comp_info[0].v_samp_factor = 1;
    }
    if (spec->progressive) {
        jpeg_simple_progression(jpeg);
    }
    if (spec->no_adobe) {
        jpeg->write_Adobe_marker = FALSE;
    }
}

static void jpeg_write_exif(struct jpeg_compress_struct *jpeg, int orientation)
{
    uint8_t block[6 + PICTURE_EXIF_SIZE] = "Exif\0";
    picture_exif(block + 6, orientation);
    jpeg_write_marker(jpeg, JPEG_APP0 + 1, block, sizeof(block));
}

static void jpeg_write(struct buf *out, const struct jpeg_spec *spec)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &len);
    jpeg_setup(&jpeg, spec);
    jpeg_start_compress(&jpeg, TRUE);
    if (spec->orientation) {
        jpeg_write_exif(&jpeg, spec->orientation);
    }
    size_t stride = (size_t)spec->width * (size_t)spec->components;
    uint8_t *row = malloc(stride);
    for (int y = 0; y < spec->height && row; y++) {
        for (size_t i = 0; i < stride; i++) {
            row[i] = spec->samples[(size_t)y * stride + i];
        }
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    free(row);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buf_add(out, bytes, len);
    free(bytes);
}

#endif
#endif
