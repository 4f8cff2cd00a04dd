// Signatures that the reference implementation of OpenSSF Model Signing (1.1.1) made of one folder, for tests.
#pragma once

#include <array>
#include <string_view>

namespace slipway::signature_bundle {

struct ReferenceBundle {
  std::string_view kind, key, bundle;
};
// Of the files model.onnx ("weights"), slipway.yaml ("name: tiny\n"), sub/extra-a ("x") and sub-b/z ("y").
inline constexpr std::array<ReferenceBundle, 3> kReferenceBundles = {{
    {"ECDSA P-256",
     "-----BEGIN PUBLIC KEY-----\n"
     "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEFrRoyvzBMdTVtpFOHt/uOvqhgC+L\n"
     "8r8Cn4hUVErUUu5+yCzTJ1fyB+ApjUSd2Cu9DszMDIqKZx+NKfCUWLvEmQ==\n"
     "-----END PUBLIC KEY-----\n",
     R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"5010)"
     R"(760fb560ff82b89875bdffb95e841660bc1325dd3e013a3bd6b1177bdd7d"},"tlogEntries":[]},"dsseEnvelope":{"payload":"ew)"
     R"(ogICJfdHlwZSI6ICJodHRwczovL2luLXRvdG8uaW8vU3RhdGVtZW50L3YxIiwKICAic3ViamVjdCI6IFsKICAgIHsKICAgICAgIm5hbWUiOiAi)"
     R"(bW9kZWwiLAogICAgICAiZGlnZXN0IjogewogICAgICAgICJzaGEyNTYiOiAiNDEyNzU5NzM4OWU3NDFkZTVjYTZjMmUxM2VmYWJlZmM3NjM4Yz)"
     R"(Q5YTAzZTBjNWRjN2Q0ZmFhYzQwODRjMmEwNyIKICAgICAgfQogICAgfQogIF0sCiAgInByZWRpY2F0ZVR5cGUiOiAiaHR0cHM6Ly9tb2RlbF9z)"
     R"(aWduaW5nL3NpZ25hdHVyZS92MS4wIiwKICAicHJlZGljYXRlIjogewogICAgInNlcmlhbGl6YXRpb24iOiB7CiAgICAgICJhbGxvd19zeW1saW)"
     R"(5rcyI6IGZhbHNlLAogICAgICAibWV0aG9kIjogImZpbGVzIiwKICAgICAgImhhc2hfdHlwZSI6ICJzaGEyNTYiLAogICAgICAiaWdub3JlX3Bh)"
     R"(dGhzIjogWwogICAgICAgICIuZ2l0aHViIiwKICAgICAgICAiLmdpdGF0dHJpYnV0ZXMiLAogICAgICAgICIuZ2l0IiwKICAgICAgICAiLmdpdG)"
     R"(lnbm9yZSIKICAgICAgXQogICAgfSwKICAgICJyZXNvdXJjZXMiOiBbCiAgICAgIHsKICAgICAgICAiZGlnZXN0IjogIjlhMTI5MDM4ZDlhMDBh)"
     R"(ZWQwY2Y2YTdlYTA1OWNhNTBhODEzNDQ5MDYxYWI4Nzg0OGNmMWExM2VhZmRmMzNiMmMiLAogICAgICAgICJuYW1lIjogIm1vZGVsLm9ubngiLA)"
     R"(ogICAgICAgICJhbGdvcml0aG0iOiAic2hhMjU2IgogICAgICB9LAogICAgICB7CiAgICAgICAgImRpZ2VzdCI6ICI3MzhmM2QwMDE5MzVhODc4)"
     R"(ZjVlYWZiMThmNjE2Nzk1ZTNmODI0MWMwYmYwZDE5Mzg0ZjJiODJjZjRkOWYwMWIyIiwKICAgICAgICAibmFtZSI6ICJzbGlwd2F5LnlhbWwiLA)"
     R"(ogICAgICAgICJhbGdvcml0aG0iOiAic2hhMjU2IgogICAgICB9LAogICAgICB7CiAgICAgICAgImRpZ2VzdCI6ICIyZDcxMTY0MmI3MjZiMDQ0)"
     R"(MDE2MjdjYTlmYmFjMzJmNWM4NTMwZmIxOTAzY2M0ZGIwMjI1ODcxNzkyMWE0ODgxIiwKICAgICAgICAibmFtZSI6ICJzdWIvZXh0cmEtYSIsCi)"
     R"(AgICAgICAgImFsZ29yaXRobSI6ICJzaGEyNTYiCiAgICAgIH0sCiAgICAgIHsKICAgICAgICAiZGlnZXN0IjogImExZmNlNDM2Mzg1NGZmODg4)"
     R"(Y2ZmNGI4ZTc4NzVkNjAwYzI2ODIzOTA0MTJhOGNmNzliMzdkMGIxMTE0OGIwZmEiLAogICAgICAgICJuYW1lIjogInN1Yi1iL3oiLAogICAgIC)"
     R"(AgICJhbGdvcml0aG0iOiAic2hhMjU2IgogICAgICB9CiAgICBdCiAgfQp9","payloadType":"application/vnd.in-toto+json","sign)"
     R"(atures":[{"sig":"MEQCIC0IGoYLnMh2jBBCKtkM89P6SCCMzaD+mv3x8UsJF7RlAiBgBcUwY3B+05Y1jCI0R9ICuJvXHwm6ttW/rneyj8Mpn)"
     R"(Q==","keyid":""}]}})"},
    {"ECDSA P-384",
     "-----BEGIN PUBLIC KEY-----\n"
     "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAELhnmYpc+JZiIg2z45R+81i1xRl+MtlNe\n"
     "+3z8ecPBAe9ZgSsR63x+eSYx3dJjLMivlTHwtw/mmgtmDYOdU61HMtQemIZno1bd\n"
     "I7XbbSl+EAMRTktraHjja2qQ2fblHe3Q\n"
     "-----END PUBLIC KEY-----\n",
     R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"ab70)"
     R"(1db67df87f7f02372fa0c13992a88cf070e8dded3f751793d77cd0eb8fb4"},"tlogEntries":[]},"dsseEnvelope":{"payload":"ew)"
     R"(ogICJfdHlwZSI6ICJodHRwczovL2luLXRvdG8uaW8vU3RhdGVtZW50L3YxIiwKICAic3ViamVjdCI6IFsKICAgIHsKICAgICAgIm5hbWUiOiAi)"
     R"(bW9kZWwiLAogICAgICAiZGlnZXN0IjogewogICAgICAgICJzaGEyNTYiOiAiNDEyNzU5NzM4OWU3NDFkZTVjYTZjMmUxM2VmYWJlZmM3NjM4Yz)"
     R"(Q5YTAzZTBjNWRjN2Q0ZmFhYzQwODRjMmEwNyIKICAgICAgfQogICAgfQogIF0sCiAgInByZWRpY2F0ZVR5cGUiOiAiaHR0cHM6Ly9tb2RlbF9z)"
     R"(aWduaW5nL3NpZ25hdHVyZS92MS4wIiwKICAicHJlZGljYXRlIjogewogICAgInNlcmlhbGl6YXRpb24iOiB7CiAgICAgICJoYXNoX3R5cGUiOi)"
     R"(Aic2hhMjU2IiwKICAgICAgImlnbm9yZV9wYXRocyI6IFsKICAgICAgICAiLmdpdGh1YiIsCiAgICAgICAgIi5naXQiLAogICAgICAgICIuZ2l0)"
     R"(YXR0cmlidXRlcyIsCiAgICAgICAgIi5naXRpZ25vcmUiCiAgICAgIF0sCiAgICAgICJhbGxvd19zeW1saW5rcyI6IGZhbHNlLAogICAgICAibW)"
     R"(V0aG9kIjogImZpbGVzIgogICAgfSwKICAgICJyZXNvdXJjZXMiOiBbCiAgICAgIHsKICAgICAgICAiYWxnb3JpdGhtIjogInNoYTI1NiIsCiAg)"
     R"(ICAgICAgImRpZ2VzdCI6ICI5YTEyOTAzOGQ5YTAwYWVkMGNmNmE3ZWEwNTljYTUwYTgxMzQ0OTA2MWFiODc4NDhjZjFhMTNlYWZkZjMzYjJjIi)"
     R"(wKICAgICAgICAibmFtZSI6ICJtb2RlbC5vbm54IgogICAgICB9LAogICAgICB7CiAgICAgICAgImFsZ29yaXRobSI6ICJzaGEyNTYiLAogICAg)"
     R"(ICAgICJkaWdlc3QiOiAiNzM4ZjNkMDAxOTM1YTg3OGY1ZWFmYjE4ZjYxNjc5NWUzZjgyNDFjMGJmMGQxOTM4NGYyYjgyY2Y0ZDlmMDFiMiIsCi)"
     R"(AgICAgICAgIm5hbWUiOiAic2xpcHdheS55YW1sIgogICAgICB9LAogICAgICB7CiAgICAgICAgImFsZ29yaXRobSI6ICJzaGEyNTYiLAogICAg)"
     R"(ICAgICJkaWdlc3QiOiAiMmQ3MTE2NDJiNzI2YjA0NDAxNjI3Y2E5ZmJhYzMyZjVjODUzMGZiMTkwM2NjNGRiMDIyNTg3MTc5MjFhNDg4MSIsCi)"
     R"(AgICAgICAgIm5hbWUiOiAic3ViL2V4dHJhLWEiCiAgICAgIH0sCiAgICAgIHsKICAgICAgICAiYWxnb3JpdGhtIjogInNoYTI1NiIsCiAgICAg)"
     R"(ICAgImRpZ2VzdCI6ICJhMWZjZTQzNjM4NTRmZjg4OGNmZjRiOGU3ODc1ZDYwMGMyNjgyMzkwNDEyYThjZjc5YjM3ZDBiMTExNDhiMGZhIiwKIC)"
     R"(AgICAgICAibmFtZSI6ICJzdWItYi96IgogICAgICB9CiAgICBdCiAgfQp9","payloadType":"application/vnd.in-toto+json","sign)"
     R"(atures":[{"sig":"MGUCMQDN8pvXZWlYtzoLbyVHs4VoYaPHa8qVZfPpeuihQHEUZrRtJsyaZlByoiL+1q4nyAQCMEAD6+hci+2h3ONPJFUDF)"
     R"(2+vhtIDEGrH8PY/kiEbKAU+EDMVImBerEN6+QWXwjQkng==","keyid":""}]}})"},
    {"ECDSA P-521",
     "-----BEGIN PUBLIC KEY-----\n"
     "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBkEWDyisGEckC5Eb6xLa6VGYaDU/I\n"
     "xeEQqar2AxOUhGTWylXR3XEvdqSkQtRqmc2358vhdMlPASmcr6D6ZJeIjq4AxHVu\n"
     "dkqCBwCQIzKBpINyhXklCuTfagBkPzareLZM67Y1Ucn1JxF2vqjvg406vSJspDJ/\n"
     "Rjo73IIYpPHnwx/laxk=\n"
     "-----END PUBLIC KEY-----\n",
     R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"0c16)"
     R"(3e3905f3fd25ee2896bd63df99e4869cc60d84d4412ec1530b2de995ca89"},"tlogEntries":[]},"dsseEnvelope":{"payload":"ew)"
     R"(ogICJfdHlwZSI6ICJodHRwczovL2luLXRvdG8uaW8vU3RhdGVtZW50L3YxIiwKICAic3ViamVjdCI6IFsKICAgIHsKICAgICAgIm5hbWUiOiAi)"
     R"(bW9kZWwiLAogICAgICAiZGlnZXN0IjogewogICAgICAgICJzaGEyNTYiOiAiNDEyNzU5NzM4OWU3NDFkZTVjYTZjMmUxM2VmYWJlZmM3NjM4Yz)"
     R"(Q5YTAzZTBjNWRjN2Q0ZmFhYzQwODRjMmEwNyIKICAgICAgfQogICAgfQogIF0sCiAgInByZWRpY2F0ZVR5cGUiOiAiaHR0cHM6Ly9tb2RlbF9z)"
     R"(aWduaW5nL3NpZ25hdHVyZS92MS4wIiwKICAicHJlZGljYXRlIjogewogICAgInJlc291cmNlcyI6IFsKICAgICAgewogICAgICAgICJkaWdlc3)"
     R"(QiOiAiOWExMjkwMzhkOWEwMGFlZDBjZjZhN2VhMDU5Y2E1MGE4MTM0NDkwNjFhYjg3ODQ4Y2YxYTEzZWFmZGYzM2IyYyIsCiAgICAgICAgIm5h)"
     R"(bWUiOiAibW9kZWwub25ueCIsCiAgICAgICAgImFsZ29yaXRobSI6ICJzaGEyNTYiCiAgICAgIH0sCiAgICAgIHsKICAgICAgICAiZGlnZXN0Ij)"
     R"(ogIjczOGYzZDAwMTkzNWE4NzhmNWVhZmIxOGY2MTY3OTVlM2Y4MjQxYzBiZjBkMTkzODRmMmI4MmNmNGQ5ZjAxYjIiLAogICAgICAgICJuYW1l)"
     R"(IjogInNsaXB3YXkueWFtbCIsCiAgICAgICAgImFsZ29yaXRobSI6ICJzaGEyNTYiCiAgICAgIH0sCiAgICAgIHsKICAgICAgICAiZGlnZXN0Ij)"
     R"(ogIjJkNzExNjQyYjcyNmIwNDQwMTYyN2NhOWZiYWMzMmY1Yzg1MzBmYjE5MDNjYzRkYjAyMjU4NzE3OTIxYTQ4ODEiLAogICAgICAgICJuYW1l)"
     R"(IjogInN1Yi9leHRyYS1hIiwKICAgICAgICAiYWxnb3JpdGhtIjogInNoYTI1NiIKICAgICAgfSwKICAgICAgewogICAgICAgICJkaWdlc3QiOi)"
     R"(AiYTFmY2U0MzYzODU0ZmY4ODhjZmY0YjhlNzg3NWQ2MDBjMjY4MjM5MDQxMmE4Y2Y3OWIzN2QwYjExMTQ4YjBmYSIsCiAgICAgICAgIm5hbWUi)"
     R"(OiAic3ViLWIveiIsCiAgICAgICAgImFsZ29yaXRobSI6ICJzaGEyNTYiCiAgICAgIH0KICAgIF0sCiAgICAic2VyaWFsaXphdGlvbiI6IHsKIC)"
     R"(AgICAgIm1ldGhvZCI6ICJmaWxlcyIsCiAgICAgICJoYXNoX3R5cGUiOiAic2hhMjU2IiwKICAgICAgImlnbm9yZV9wYXRocyI6IFsKICAgICAg)"
     R"(ICAiLmdpdGh1YiIsCiAgICAgICAgIi5naXQiLAogICAgICAgICIuZ2l0aWdub3JlIiwKICAgICAgICAiLmdpdGF0dHJpYnV0ZXMiCiAgICAgIF)"
     R"(0sCiAgICAgICJhbGxvd19zeW1saW5rcyI6IGZhbHNlCiAgICB9CiAgfQp9","payloadType":"application/vnd.in-toto+json","sign)"
     R"(atures":[{"sig":"MIGGAkFS2OniVZ2iMktp+KXagI69GteAGRTdUx01WlgPZDTkIhr/wHRe/vhsHLVgn4X07qNpjY7ZNHkAI3Xa9Qxy+GCY7)"
     R"(gJBelPfd/I4BHQxOnF/7naonXVFPAFmPXKYQbKMUlqmCGu/N5lOiLWJpfqBN8bEa36XHTaSITlrHEiqX/jgXILNlVE=","keyid":""}]}})"},
}};

}  // namespace slipway::signature_bundle
