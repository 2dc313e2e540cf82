package tensorflow

// What tests of the format need to make tables.
const (
	FooterSize = footerSize
	Magic      = magic
)

var (
	Castagnoli = castagnoli
	MaskedCRC  = maskedCRC
)
