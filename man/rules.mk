# The documents that are generated from the program's tables. They are kept in the tree,
# so that they can be read without a build; tests/cli/docs.sh checks that they are current.
DOCS := man/thumbtag.1 man/thumbtag.ini.5 man/thumbtag.bash man/thumbtag.fish man/_thumbtag \
        man/thumbtag.ini

$(BUILD)/man/generate: man/generate.c $(LINK_cli) | $(BUILD)/.flags
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile,-Isrc/cli) $(LINK_FLAGS) $(LDFLAGS) -MF $@.d -o $@ $< $(LINK_cli) $(ALLLIBS_cli) $(LIBS)
-include $(BUILD)/man/generate.d

.PHONY: docs docs-into
docs:
	$(Q)$(MAKE) --no-print-directory docs-into INTO=man

# Generates them all into the folder INTO.
INTO ?= $(BUILD)/man
docs-into: $(BUILD)/man/generate
	$(Q)$< page man/thumbtag.1.in >$(INTO)/thumbtag.1
	$(Q)$< page man/thumbtag.ini.5.in >$(INTO)/thumbtag.ini.5
	$(Q)$< bash >$(INTO)/thumbtag.bash
	$(Q)$< fish >$(INTO)/thumbtag.fish
	$(Q)$< zsh >$(INTO)/_thumbtag
	$(Q)$< ini >$(INTO)/thumbtag.ini
