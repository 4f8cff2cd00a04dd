#include "adapter/api_grpc/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <proto/health.pb.h>
#include <proto/inference.pb.h>
#include <proto/reflection_v1.pb.h>
#include <proto/reflection_v1alpha.pb.h>

#include <array>
#include <set>
#include <vector>

#include "adapter/net/grpc_status.h"
#include "base/text.h"

namespace slipway::api_grpc {
namespace {

namespace pb = grpc::reflection::v1;
using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;

// The files whose services are served. Naming them here also links their descriptors in.
std::array<const FileDescriptor*, 4> served_files() {
  return {inference::ModelInferRequest::descriptor()->file(),
          grpc::health::v1::HealthCheckRequest::descriptor()->file(), pb::ServerReflectionRequest::descriptor()->file(),
          grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()->file()};
}

const google::protobuf::DescriptorPool& pool() {
  served_files();
  return *google::protobuf::DescriptorPool::generated_pool();
}

void refuse(pb::ServerReflectionResponse& answer, const std::string& what) {
  auto& error = *answer.mutable_error_response();
  error.set_error_code(static_cast<int>(net::GrpcCode::NotFound));
  error.set_error_message(what);
}

// The file and all it imports, itself first: a client needs no second question.
void add_file(const FileDescriptor& file, std::set<const FileDescriptor*>& seen, pb::FileDescriptorResponse& files) {
  if (!seen.insert(&file).second) return;
  google::protobuf::FileDescriptorProto described;
  file.CopyTo(&described);
  file.CopyJsonNameTo(&described);  // as protoc writes them; clients name fields by these
  files.add_file_descriptor_proto(described.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) add_file(*file.dependency(i), seen, files);
}

void answer_file(const FileDescriptor* file, const std::string& what, pb::ServerReflectionResponse& answer) {
  if (file == nullptr) return refuse(answer, "expected " + what + ", found none of that name");
  std::set<const FileDescriptor*> seen;
  add_file(*file, seen, *answer.mutable_file_descriptor_response());
}

void list_services(pb::ServerReflectionResponse& answer) {
  auto& list = *answer.mutable_list_services_response();
  for (const FileDescriptor* file : served_files()) {
    for (int i = 0; i < file->service_count(); ++i) list.add_service()->set_name(file->service(i)->full_name());
  }
}

void list_extensions(const std::string& type, pb::ServerReflectionResponse& answer) {
  const Descriptor* found = pool().FindMessageTypeByName(type);
  if (found == nullptr) return refuse(answer, "expected a message, found none of that name");
  auto& list = *answer.mutable_all_extension_numbers_response();
  list.set_base_type_name(type);
  std::vector<const google::protobuf::FieldDescriptor*> extensions;
  pool().FindAllExtensions(found, &extensions);
  for (const auto* extension : extensions) list.add_extension_number(extension->number());
}

}  // namespace

Result<std::string> answer_reflection(ByteSpan message) {
  pb::ServerReflectionRequest question;
  if (!question.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return invalid_input("expected a serialised grpc.reflection.v1.ServerReflectionRequest, found malformed protobuf");
  }
  pb::ServerReflectionResponse answer;
  answer.set_valid_host(question.host());
  *answer.mutable_original_request() = question;
  switch (question.message_request_case()) {
    case pb::ServerReflectionRequest::kFileByFilename:
      answer_file(pool().FindFileByName(question.file_by_filename()), "a file", answer);
      break;
    case pb::ServerReflectionRequest::kFileContainingSymbol:
      answer_file(pool().FindFileContainingSymbol(question.file_containing_symbol()), "a symbol", answer);
      break;
    case pb::ServerReflectionRequest::kFileContainingExtension: {
      const auto& asked = question.file_containing_extension();
      const Descriptor* type = pool().FindMessageTypeByName(asked.containing_type());
      const auto* extension = type == nullptr ? nullptr : pool().FindExtensionByNumber(type, asked.extension_number());
      answer_file(extension == nullptr ? nullptr : extension->file(), "an extension", answer);
      break;
    }
    case pb::ServerReflectionRequest::kAllExtensionNumbersOfType:
      list_extensions(question.all_extension_numbers_of_type(), answer);
      break;
    case pb::ServerReflectionRequest::kListServices:
      list_services(answer);
      break;
    case pb::ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      return invalid_input("expected a question of ServerReflectionRequest, found none that is known");
  }
  return answer.SerializeAsString();
}

}  // namespace slipway::api_grpc
