/* stb_image's code, compiled into the one file that includes this, without compiler
 * warnings. */
#ifndef IMAGE_STB_QUIET_H
#define IMAGE_STB_QUIET_H
#pragma GCC system_header

#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_NO_PSD
#define STBI_NO_PIC
#define STBI_NO_PNM
#define STBI_NO_GIF
#define STBI_NO_BMP
#ifdef HAVE_LIBJPEG
#define STBI_NO_JPEG
#endif
#ifdef HAVE_LIBPNG
#define STBI_NO_PNG
#endif
/* Corrupt data triggers these; the code after each assertion handles it. */
#define STBI_ASSERT(x) ((void)0)
/* Version 2.27 declares one name and defines the other. */
#define stbi_set_unpremultiply_on_load_thread stbi__unpremultiply_on_load_thread
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
/* Without PNG some declared functions have no definition. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image.h>

#endif
