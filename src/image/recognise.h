/* Recognises formats that need more than a comparison of magic bytes: the `looks`
 * functions of the table in formats.c. Private to image. */
#ifndef IMAGE_RECOGNISE_H
#define IMAGE_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool looks_like_bmp(const uint8_t *bytes, size_t len);
bool looks_like_pnm(const uint8_t *bytes, size_t len);
bool looks_like_pam(const uint8_t *bytes, size_t len);
bool looks_like_tga(const uint8_t *bytes, size_t len);
bool looks_like_webp(const uint8_t *bytes, size_t len);

/* ISO base media files, by the brands in their ftyp box. */
bool looks_like_avif(const uint8_t *bytes, size_t len);
bool looks_like_heic(const uint8_t *bytes, size_t len);
bool looks_like_heif(const uint8_t *bytes, size_t len);
bool looks_like_cr3(const uint8_t *bytes, size_t len);
bool looks_like_video(const uint8_t *bytes, size_t len);

/* Camera raw files with a TIFF structure, by its first directory. */
bool looks_like_dng(const uint8_t *bytes, size_t len);
bool looks_like_nef(const uint8_t *bytes, size_t len);
bool looks_like_arw(const uint8_t *bytes, size_t len);
bool looks_like_pef(const uint8_t *bytes, size_t len);
bool looks_like_srw(const uint8_t *bytes, size_t len);

/* Text. */
bool looks_like_svg(const uint8_t *bytes, size_t len);
bool looks_like_html(const uint8_t *bytes, size_t len);

#endif
