#include "xml.h"

#include <expat.h>
#include <string.h>

struct reader {
    XML_Parser parser;
    const char *path;
    const struct xml_handler *handler;
    void *context;
    struct error *err;
    struct buf text;
    int depth;
    bool failed;
};

static void stop(struct reader *r)
{
    r->failed = true;
    XML_StopParser(r->parser, XML_FALSE);
}

static uint64_t line_of(const struct reader *r)
{
    return XML_GetCurrentLineNumber(r->parser);
}

static void fail(struct reader *r, const char *what)
{
    error_set(r->err, ERROR_DATA, "%s:%llu: %s", r->path, (unsigned long long)line_of(r), what);
    stop(r);
}

static void XMLCALL begin(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = context;
    buf_clear(&r->text);
    if (r->failed) {
        return;
    }
    if (++r->depth > XML_DEPTH_MAX) {
        fail(r, "more than 64 elements within each other");
    } else if (!r->handler->begin(r->context, name, attributes, line_of(r), r->err)) {
        stop(r);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void XMLCALL end(void *context, const XML_Char *name)
{
    struct reader *r = context;
    if (r->failed) {
        return;
    }
    r->depth--;
    while (r->text.len && is_blank(r->text.data[r->text.len - 1])) {
        r->text.data[--r->text.len] = '\0';
    }
    const char *text = buf_text(&r->text);
    while (is_blank(*text)) {
        text++;
    }
    if (!r->handler->end(r->context, name, text, line_of(r), r->err)) {
        stop(r);
    }
    buf_clear(&r->text);
}

static void XMLCALL take_text(void *context, const XML_Char *text, int len)
{
    struct reader *r = context;
    if (r->text.len + (size_t)len <= XML_TEXT_MAX) {
        buf_add(&r->text, text, (size_t)len);
    }
}

static void XMLCALL refuse_entity(void *context, const XML_Char *name, int is_parameter,
                                  const XML_Char *value, int len, const XML_Char *base,
                                  const XML_Char *system, const XML_Char *public,
                                  const XML_Char *notation)
{
    (void)name;
    (void)is_parameter;
    (void)value;
    (void)len;
    (void)base;
    (void)system;
    (void)public;
    (void)notation;
    fail(context, "an entity is declared, which is refused");
}

bool xml_read(const char *path, const struct buf *text, const struct xml_handler *handler,
              void *context, struct error *err)
{
    struct reader r = { .parser = XML_ParserCreate("UTF-8"),
                        .path = path,
                        .handler = handler,
                        .context = context,
                        .err = err,
                        .text = BUF_INIT };
    if (!r.parser) {
        return error_nomem(err, text->len, "a reader of XML");
    }
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, begin, end);
    XML_SetCharacterDataHandler(r.parser, take_text);
    XML_SetEntityDeclHandler(r.parser, refuse_entity);
    bool ok = true;
    for (size_t at = 0; ok && at <= text->len;) {
        size_t left = text->len - at, part = left < 1 << 20 ? left : 1 << 20;
        ok = XML_Parse(r.parser, text->len ? text->data + at : "", (int)part, part == left) ==
             XML_STATUS_OK;
        at += part + (part == left);
    }
    if (!ok && !r.failed) {
        fail(&r, XML_ErrorString(XML_GetErrorCode(r.parser)));
    }
    XML_ParserFree(r.parser);
    buf_release(&r.text);
    return ok && !r.failed;
}

const char *xml_attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2) {
        if (strcmp(attributes[0], name) == 0) {
            return attributes[1];
        }
    }
    return NULL;
}

void xml_add(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '&':
            buf_adds(out, "&amp;");
            break;
        case '<':
            buf_adds(out, "&lt;");
            break;
        case '>':
            buf_adds(out, "&gt;");
            break;
        case '"':
            buf_adds(out, "&quot;");
            break;
        default:
            buf_addc(out, text[i]);
        }
    }
}
